// Signals: an effect runs once for a burst, never after it was stopped, and takes what it started with it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { computed, effect, flush, onCleanup, owned, signal, untracked } from '../../static/js/core/signal.js'

test('a burst of changes runs an effect once', () => {
  const a = signal(1),
    b = signal(2)
  const seen = []
  effect(() => seen.push(a() + b()))
  a.set(5)
  b.set(6)
  a.set(7)
  flush()
  assert.deepEqual(seen, [3, 13])
})

test('an effect that was stopped during a flush does not run again and listens no more', () => {
  const a = signal(0)
  let runs = 0,
    stop = () => {}
  effect(() => {
    if (a()) stop()
  })
  stop = effect(() => {
    a()
    runs++
  })
  a.set(1)
  flush()
  a.set(2)
  flush()
  assert.equal(runs, 1)
})

test('what a run started ends before the next run', () => {
  const outer = signal(0),
    inner = signal(0)
  let alive = 0,
    runs = 0
  effect(() => {
    outer()
    alive++
    onCleanup(() => alive--)
    effect(() => {
      inner()
      runs++
    })
  })
  for (let i = 1; i < 4; i++) {
    outer.set(i)
    flush()
  }
  assert.equal(alive, 1)
  runs = 0
  inner.set(1)
  flush()
  assert.equal(runs, 1)
})

test('an owner stops everything inside it', () => {
  const a = signal(0)
  let runs = 0
  const [, stop] = owned(() =>
    effect(() => {
      a()
      runs++
      effect(() => {
        a()
        runs++
      })
    }),
  )
  stop()
  a.set(1)
  flush()
  assert.equal(runs, 2)
})

test('a value worked out follows its sources, and untracked reading does not', () => {
  const a = signal(2),
    b = signal(10)
  const both = computed(() => a() * 2 + untracked(() => b()))
  b.set(20)
  flush()
  assert.equal(both.peek(), 14)
  a.set(3)
  flush()
  assert.equal(both.peek(), 26)
})
