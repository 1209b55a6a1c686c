"""What a program does with the generated client; `python.test.mjs` makes it and reads what is printed."""

import io
import json
import sys

from rapport_client import AuthenticatedClient, Client
from rapport_client.api.conversations import get_conversation, list_conversations
from rapport_client.api.labels import create_label
from rapport_client.api.media import get_file, upload_file
from rapport_client.api.messages import send_message
from rapport_client.api.signing_in import create_token, get_me, login
from rapport_client.models import CreateTokenBody, FileForm, LabelBody, LoginBody, Problem, SendMessageBody
from rapport_client.types import File

url, username, password, wanted = sys.argv[1:]
wanted = int(wanted)

# The client keeps the cookie that signing in sets.
browser = Client(base_url=url)
login.sync(client=browser, body=LoginBody(username=username, password=password))
token = create_token.sync(client=browser, body=CreateTokenBody(name="a test")).token

client = AuthenticatedClient(base_url=url, token=token)
me = get_me.sync(client=client)

listed = list_conversations.sync(client=client, status="open", limit=10).items
conversation = next(each for each in listed if each.id == wanted)

label = create_label.sync(client=client, body=LabelBody(name="Refund", color="#c2410c"))

words = SendMessageBody(content="It leaves today.", client_id="python-1")
sent = send_message.sync(wanted, client=client, body=words)
again = send_message.sync_detailed(wanted, client=client, body=words)

note = File(payload=io.BytesIO(b"a file of the test"), file_name="note.txt", mime_type="text/plain")
uploaded = upload_file.sync(client=client, body=FileForm(file=note))
file = get_file.sync_detailed(uploaded.id, client=client)

missing = get_conversation.sync(999_999, client=client)
assert isinstance(missing, Problem)

print(
    json.dumps(
        {
            "me": me.username,
            "customer": conversation.customer.name,
            "label": {"name": label.name, "color": label.color},
            "sent": sent.content,
            "sent_again": again.status_code == 200 and again.parsed.id == sent.id,
            "file": file.content.decode(),
            "missing": {"status": missing.status, "code": missing.code},
        }
    )
)
