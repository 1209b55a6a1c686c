// @ts-check
// The emoji of the board with the words they are found by, most used first. The words are Unicode's names and
// what people call them besides; EMOJI_WORDS says the common ones in the other languages. Fetched when
// somebody looks for one. Over 400 lines because an emoji has a line.

/** One emoji a line, its words behind it. */
const LINES = `
😀 grinning face happy smile
😃 smiling face big eyes happy
😄 smile happy joy laugh
😁 beaming grin happy
😆 laughing squint haha
😅 sweat smile relief nervous
😂 tears of joy laugh lol funny
🤣 rolling on the floor laugh lol funny
🙂 slight smile happy
🙃 upside down silly
😉 wink
😊 blush smile happy pleased
😇 angel halo innocent
🥰 love hearts adore
😍 heart eyes love
🤩 star struck wow amazing
😘 kiss love
😋 yummy delicious food
😎 sunglasses cool
🤓 nerd glasses
🤗 hug
🤔 thinking hmm
🤝 handshake deal agree
🤫 quiet shush secret
🤭 oops hand over mouth
😐 neutral meh
😑 expressionless meh
😶 no mouth silent
😏 smirk
😒 unamused annoyed
🙄 eye roll annoyed
😬 grimace awkward
😌 relieved calm
😔 sad pensive sorry
😪 sleepy tired
😴 sleep tired
😷 mask ill sick
🤒 fever ill sick
🤕 hurt bandage ill
🥵 hot heat
🥶 cold freezing
🤯 mind blown wow shock
🥳 party celebrate birthday
😕 confused
😟 worried
🙁 sad frown
☹️ sad frown
😮 surprised wow oh
😯 surprised hushed
😲 astonished shock wow
😳 flushed embarrassed
🥺 pleading please
😢 cry sad tear
😭 cry sob sad
😱 scream shock fear
😨 fear scared
😰 anxious sweat worried
😥 sad relieved disappointed
😓 sweat tired
😩 weary tired
😫 tired exhausted
😤 annoyed angry triumph
😡 angry rage mad
😠 angry mad
🤬 swearing angry
💀 skull dead
👻 ghost
🤖 robot bot
🎃 pumpkin halloween
👍 thumbs up yes ok good like agree
👎 thumbs down no bad dislike
👌 ok perfect good
✌️ victory peace
🤞 fingers crossed luck
🤟 love you
🤘 rock
🤙 call me
👈 left point
👉 right point
👆 up point
👇 down point
☝️ up one point
✋ hand stop high five
👋 hello hi bye wave
🤚 hand
🖐️ hand five
💪 strong muscle
🙏 please thanks thank you pray
👏 clap bravo applause congratulations
🙌 hooray celebrate hands
👐 open hands
✍️ write
🤷 shrug do not know
🤦 facepalm
🙋 raise hand question
🙇 bow sorry thanks
💁 information help
👀 eyes look see
👂 ear listen
🧠 brain idea
👶 baby
👧 girl child
👦 boy child
👩 woman
👨 man
👵 grandmother old
👴 grandfather old
👪 family
👮 police
👷 builder work
👩‍💻 developer computer work
🧑‍🔧 mechanic repair
🧑‍🍳 cook chef
🕺 dance
💃 dance
🏃 run hurry
🚶 walk
❤️ heart love red
🧡 heart orange love
💛 heart yellow love
💚 heart green love
💙 heart blue love
💜 heart purple love
🖤 heart black
🤍 heart white
💔 broken heart sad
💕 hearts love
💖 sparkling heart love
💯 hundred perfect
💥 boom explosion
💫 dizzy star
💦 water sweat
💨 fast wind
💬 message chat speech
💭 thought
💤 sleep
🔥 fire hot great
✨ sparkles new clean
⭐ star favourite
🌟 star glowing
⚡ lightning fast power
☀️ sun weather warm
🌤️ sun cloud weather
☁️ cloud weather
🌧️ rain weather
⛈️ storm weather
❄️ snow cold winter
🌈 rainbow
☔ umbrella rain
🌊 wave sea water
🌍 world earth globe
🌙 moon night
🌹 rose flower
🌸 flower blossom
🌻 sunflower flower
💐 flowers bouquet
🌷 tulip flower
🌱 plant green
🌳 tree
🍀 luck clover
🍁 leaf autumn
🐶 dog
🐱 cat
🐭 mouse
🐰 rabbit
🦊 fox
🐻 bear
🐼 panda
🦁 lion
🐮 cow
🐷 pig
🐸 frog
🐵 monkey
🙈 see no evil monkey
🐔 chicken
🐧 penguin
🐦 bird
🐝 bee
🦋 butterfly
🐢 turtle
🐟 fish
🐳 whale
🐴 horse
🦄 unicorn
🍎 apple fruit
🍌 banana fruit
🍓 strawberry fruit
🍇 grapes fruit
🍉 watermelon fruit
🍋 lemon fruit
🍅 tomato
🥑 avocado
🥕 carrot
🍞 bread
🥐 croissant
🧀 cheese
🍕 pizza food
🍔 burger food
🍟 fries food
🌮 taco food
🍣 sushi food
🍝 pasta food
🥗 salad food
🍰 cake birthday
🎂 birthday cake
🍫 chocolate
🍦 ice cream
🍪 cookie
☕ coffee
🍵 tea
🥤 drink
🍺 beer
🍻 cheers beer
🍷 wine
🥂 cheers champagne celebrate
🍾 champagne celebrate
🍽️ dinner plate food
🎉 party celebrate congratulations
🎊 party celebrate confetti
🎁 gift present birthday
🎈 balloon party birthday
🎄 christmas tree
🎅 santa christmas
🏆 trophy win
🥇 gold medal first win
🎯 target goal
🎮 game
🎵 music note
🎶 music
🎤 microphone sing
🎧 headphones music
🎬 film
🎨 art paint
⚽ football soccer
🏀 basketball
🎾 tennis
🏊 swim
🚴 bicycle
🏠 house home
🏢 office building work
🏪 shop store
🏥 hospital
🏫 school
🏨 hotel
🏖️ beach holiday
🏔️ mountain
🗺️ map
📍 place pin location
🧭 compass
🚗 car
🚕 taxi
🚌 bus
🚚 truck delivery shipping
🚛 truck delivery
🚲 bicycle
🏍️ motorcycle
🚆 train
✈️ plane flight travel
🚢 ship
🚀 rocket launch fast
🛵 scooter delivery
🚦 traffic light
⛽ fuel
📦 package parcel delivery box
🛒 cart shopping order
🛍️ shopping bags
💳 card payment pay
💰 money bag
💵 money dollar
💶 money euro
💷 money pound
🧾 receipt invoice bill
🏷️ tag price label
📈 chart up growth
📉 chart down
📊 chart bar report
📅 calendar date
📆 calendar date
🗓️ calendar
⏰ alarm clock time
⏱️ stopwatch time
⌛ wait hourglass time
⏳ wait hourglass time
🕐 clock time
📞 phone call
📱 phone mobile
☎️ phone call
💻 computer laptop
🖥️ computer screen
🖨️ printer
⌨️ keyboard
📷 camera photo
📸 camera photo
🎥 video camera
📺 television
🔋 battery
🔌 plug power
💡 idea light
🔦 light torch
🔑 key
🔒 lock secure closed
🔓 unlock open
🔔 bell notification
🔕 bell off silent
🔍 search look
🔎 search look
🔗 link
📎 paperclip attachment
📌 pin
✂️ scissors cut
📝 note write
✏️ pencil write
🖊️ pen write
📄 document page file
📁 folder
📂 folder open
📚 books
📖 book read
📧 email mail
✉️ envelope mail letter
📨 mail incoming
📬 mailbox
🗑️ trash delete
🔧 wrench repair
🔨 hammer
🛠️ tools repair
⚙️ settings gear
🧹 broom clean
🧼 soap clean
👕 shirt clothes
👖 jeans trousers
👗 dress
👟 shoe sneaker
👠 shoe heel
🧢 cap hat
👜 handbag bag
🎒 backpack
👓 glasses
🕶️ sunglasses
💍 ring
💄 lipstick
🧴 lotion cream
💊 pill medicine
💉 injection vaccine
🩹 plaster bandage
✅ check done yes ok
☑️ check done
✔️ check yes done
❌ cross no wrong
✖️ cross no
❓ question
❔ question
❗ exclamation important
‼️ important exclamation
⚠️ warning attention
🚫 forbidden no
⛔ stop forbidden
🛑 stop
🆗 ok
🆕 new
🆓 free
🔝 top
🔜 soon
🔄 refresh again
🔁 repeat again
♻️ recycle
➡️ right arrow
⬅️ left arrow
⬆️ up arrow
⬇️ down arrow
➕ plus add
➖ minus
💲 dollar price
🔢 numbers
1️⃣ one
2️⃣ two
3️⃣ three
4️⃣ four
5️⃣ five
🔴 red circle
🟠 orange circle
🟡 yellow circle
🟢 green circle
🔵 blue circle
⚫ black circle
⚪ white circle
🏁 finish flag
🚩 flag
🏳️‍🌈 rainbow flag
`

/**
 * What the common words are called elsewhere: each word with the English one it stands for.
 * @type {Record<string, string>}
 */
const EMOJI_WORDS = {
  es: 'sonrisa:smile feliz:happy risa:laugh amor:love corazón:heart beso:kiss abrazo:hug pensar:thinking triste:sad llorar:cry enojado:angry sorpresa:surprised miedo:fear sueño:sleep enfermo:sick fiesta:party gracias:thanks perdón:sorry sí:yes no:no bien:good mal:bad hola:hello adiós:bye aplauso:clap suerte:luck fuego:fire estrella:star sol:sun lluvia:rain nieve:snow flor:flower perro:dog gato:cat comida:food café:coffee cerveza:beer regalo:gift cumpleaños:birthday música:music casa:house tienda:shop coche:car camión:truck avión:plane paquete:package envío:delivery compra:shopping pago:payment dinero:money factura:invoice calendario:calendar reloj:clock teléfono:phone ordenador:computer foto:photo idea:idea llave:key buscar:search enlace:link archivo:file correo:mail basura:trash reparar:repair ropa:clothes zapato:shoe listo:done pregunta:question aviso:warning flecha:arrow nuevo:new lugar:place',
  pt: 'sorriso:smile feliz:happy riso:laugh amor:love coração:heart beijo:kiss abraço:hug pensar:thinking triste:sad chorar:cry bravo:angry surpresa:surprised medo:fear sono:sleep doente:sick festa:party obrigado:thanks desculpa:sorry sim:yes não:no bom:good mau:bad olá:hello tchau:bye palmas:clap sorte:luck fogo:fire estrela:star sol:sun chuva:rain neve:snow flor:flower cachorro:dog gato:cat comida:food café:coffee cerveja:beer presente:gift aniversário:birthday música:music casa:house loja:shop carro:car caminhão:truck avião:plane pacote:package entrega:delivery compra:shopping pagamento:payment dinheiro:money fatura:invoice calendário:calendar relógio:clock telefone:phone computador:computer foto:photo ideia:idea chave:key procurar:search link:link arquivo:file correio:mail lixo:trash consertar:repair roupa:clothes sapato:shoe pronto:done pergunta:question aviso:warning seta:arrow novo:new lugar:place',
  fr: 'sourire:smile heureux:happy rire:laugh amour:love cœur:heart coeur:heart bisou:kiss câlin:hug penser:thinking triste:sad pleurer:cry colère:angry surprise:surprised peur:fear dormir:sleep malade:sick fête:party merci:thanks pardon:sorry oui:yes non:no bien:good mauvais:bad bonjour:hello salut:bye bravo:clap chance:luck feu:fire étoile:star soleil:sun pluie:rain neige:snow fleur:flower chien:dog chat:cat repas:food café:coffee bière:beer cadeau:gift anniversaire:birthday musique:music maison:house magasin:shop voiture:car camion:truck avion:plane colis:package livraison:delivery achat:shopping paiement:payment argent:money facture:invoice calendrier:calendar horloge:clock téléphone:phone ordinateur:computer photo:photo idée:idea clé:key chercher:search lien:link fichier:file courrier:mail poubelle:trash réparer:repair vêtement:clothes chaussure:shoe fait:done question:question attention:warning flèche:arrow nouveau:new lieu:place',
  de: 'lächeln:smile glücklich:happy lachen:laugh liebe:love herz:heart kuss:kiss umarmung:hug denken:thinking traurig:sad weinen:cry wütend:angry überrascht:surprised angst:fear schlafen:sleep krank:sick feier:party danke:thanks entschuldigung:sorry ja:yes nein:no gut:good schlecht:bad hallo:hello tschüss:bye applaus:clap glück:luck feuer:fire stern:star sonne:sun regen:rain schnee:snow blume:flower hund:dog katze:cat essen:food kaffee:coffee bier:beer geschenk:gift geburtstag:birthday musik:music haus:house laden:shop auto:car lastwagen:truck flugzeug:plane paket:package lieferung:delivery einkauf:shopping zahlung:payment geld:money rechnung:invoice kalender:calendar uhr:clock telefon:phone computer:computer foto:photo idee:idea schlüssel:key suche:search link:link datei:file post:mail müll:trash reparatur:repair kleidung:clothes schuh:shoe fertig:done frage:question warnung:warning pfeil:arrow neu:new ort:place',
  it: 'sorriso:smile felice:happy risata:laugh amore:love cuore:heart bacio:kiss abbraccio:hug pensare:thinking triste:sad piangere:cry arrabbiato:angry sorpresa:surprised paura:fear sonno:sleep malato:sick festa:party grazie:thanks scusa:sorry sì:yes no:no bene:good male:bad ciao:hello arrivederci:bye applauso:clap fortuna:luck fuoco:fire stella:star sole:sun pioggia:rain neve:snow fiore:flower cane:dog gatto:cat cibo:food caffè:coffee birra:beer regalo:gift compleanno:birthday musica:music casa:house negozio:shop auto:car camion:truck aereo:plane pacco:package consegna:delivery acquisto:shopping pagamento:payment soldi:money fattura:invoice calendario:calendar orologio:clock telefono:phone computer:computer foto:photo idea:idea chiave:key cercare:search link:link file:file posta:mail cestino:trash riparare:repair vestiti:clothes scarpa:shoe fatto:done domanda:question attenzione:warning freccia:arrow nuovo:new luogo:place',
  id: 'senyum:smile senang:happy tertawa:laugh cinta:love hati:heart cium:kiss peluk:hug pikir:thinking sedih:sad menangis:cry marah:angry kaget:surprised takut:fear tidur:sleep sakit:sick pesta:party terima:thanks makasih:thanks maaf:sorry ya:yes tidak:no bagus:good buruk:bad halo:hello dadah:bye tepuk:clap untung:luck api:fire bintang:star matahari:sun hujan:rain salju:snow bunga:flower anjing:dog kucing:cat makanan:food kopi:coffee bir:beer hadiah:gift ulang:birthday musik:music rumah:house toko:shop mobil:car truk:truck pesawat:plane paket:package kirim:delivery belanja:shopping bayar:payment uang:money tagihan:invoice kalender:calendar jam:clock telepon:phone komputer:computer foto:photo ide:idea kunci:key cari:search tautan:link berkas:file surat:mail sampah:trash perbaiki:repair baju:clothes sepatu:shoe selesai:done tanya:question awas:warning panah:arrow baru:new tempat:place',
  ar: 'ابتسامة:smile سعيد:happy ضحك:laugh حب:love قلب:heart قبلة:kiss حضن:hug تفكير:thinking حزين:sad بكاء:cry غاضب:angry مفاجأة:surprised خوف:fear نوم:sleep مريض:sick حفلة:party شكرا:thanks آسف:sorry نعم:yes لا:no جيد:good سيئ:bad مرحبا:hello وداعا:bye تصفيق:clap حظ:luck نار:fire نجمة:star شمس:sun مطر:rain ثلج:snow زهرة:flower كلب:dog قطة:cat طعام:food قهوة:coffee هدية:gift عيد:birthday موسيقى:music بيت:house متجر:shop سيارة:car شاحنة:truck طائرة:plane طرد:package توصيل:delivery تسوق:shopping دفع:payment مال:money فاتورة:invoice تقويم:calendar ساعة:clock هاتف:phone حاسوب:computer صورة:photo فكرة:idea مفتاح:key بحث:search رابط:link ملف:file بريد:mail سلة:trash إصلاح:repair ملابس:clothes حذاء:shoe تم:done سؤال:question تحذير:warning سهم:arrow جديد:new مكان:place',
}

/** All emoji with their words. @type {{emoji: string, words: string[]}[]} */
export const ALL = LINES.trim()
  .split('\n')
  .map(line => {
    const [emoji, ...words] = line.split(' ')
    return { emoji, words }
  })

/** Without accents and capitals. @param {string} text */
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** The English words for what somebody types in their language, the word itself among them. @param {string} typed @param {string} language */
function meant(typed, language) {
  const pairs = (EMOJI_WORDS[language] ?? '').split(' ').map(pair => pair.split(':'))
  return [
    typed,
    ...pairs.filter(([own]) => own && plain(own).startsWith(typed)).map(([, english]) => english),
  ]
}

/**
 * The emoji that are called so, in English or in one's own language.
 * @param {string} query @param {string} language
 * @returns {string[]}
 */
export function search(query, language) {
  const wanted = plain(query).trim().split(/\s+/).filter(Boolean)
  const all = wanted.map(word => meant(word, language))
  return ALL.filter(({ emoji, words }) =>
    all.every(some => some.some(word => words.some(each => each.startsWith(word)) || emoji === word)),
  ).map(each => each.emoji)
}

/** What an emoji is called. @param {string} emoji */
export const nameOf = emoji => ALL.find(each => each.emoji === emoji)?.words.join(' ') ?? emoji
