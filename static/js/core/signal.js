// @ts-check
// Fine-grained reactivity: a signal holds a value, an effect runs again when a signal it read has changed.
// Effects run together in one microtask, so a burst of changes draws once. Knows nothing of the page.

/** @typedef {{sources: Set<Set<Reader>>, stopped: boolean, run: () => void}} Reader */
/** @template T @typedef {{(): T, peek(): T, set(next: T): void}} Signal */

/** @type {Reader | null} */
let reader = null
/** @type {(() => void)[] | null} */
let scope = null
/** @type {Set<Reader>} */
const stale = new Set()

/** @template T @param {T} value @returns {Signal<T>} */
export function signal(value) {
  /** @type {Set<Reader>} */
  const readers = new Set()
  const read = () => {
    if (reader) {
      readers.add(reader)
      reader.sources.add(readers)
    }
    return value
  }
  read.peek = () => value
  /** @param {T} next */
  read.set = next => {
    if (Object.is(next, value)) return
    value = next
    for (const each of readers) {
      if (!stale.size) queueMicrotask(flush)
      stale.add(each)
    }
  }
  return read
}

/**
 * A value worked out from signals, and again when one of them has changed.
 * @template T @param {() => T} work @returns {Signal<T>}
 */
export function computed(work) {
  const out = signal(/** @type {T} */ (/** @type {unknown} */ (undefined)))
  effect(() => out.set(work()))
  return out
}

/**
 * Runs `work` now and whenever a signal it read has changed; what one run started ends before the next.
 * @param {() => void} work
 */
export function effect(work) {
  /** @type {(() => void)[]} */
  let made = []
  /** @type {Reader} */
  const self = {
    sources: new Set(),
    stopped: false,
    run() {
      if (self.stopped) return
      forget(self)
      end(made)
      const before = /** @type {const} */ ([reader, scope])
      reader = self
      scope = made = []
      try {
        work()
      } finally {
        ;[reader, scope] = before
      }
    },
  }
  const stop = () => {
    self.stopped = true
    forget(self)
    end(made)
  }
  scope?.push(stop)
  self.run()
  return stop
}

/**
 * Runs `work` and returns what it returned, with a function that stops every effect it started.
 * @template T @param {() => T} work @returns {[T, () => void]}
 */
export function owned(work) {
  const before = /** @type {const} */ ([reader, scope])
  /** @type {(() => void)[]} */
  const stops = (scope = [])
  reader = null
  try {
    return [work(), () => end(stops)]
  } finally {
    ;[reader, scope] = before
  }
}

/** Reads signals without being run again by them. @template T @param {() => T} work */
export function untracked(work) {
  const before = reader
  reader = null
  try {
    return work()
  } finally {
    reader = before
  }
}

/** Ends with the scope it is called in. @param {() => void} stop */
export function onCleanup(stop) {
  scope?.push(stop)
}

/** Runs what is due now instead of at the end of the task. */
export function flush() {
  for (let turn = 0; stale.size && turn < 100; turn++) {
    const batch = [...stale]
    stale.clear()
    // One broken view must not keep the others from being drawn.
    for (const each of batch)
      try {
        each.run()
      } catch (problem) {
        report(problem)
      }
  }
}

/** @param {unknown} problem */
function report(problem) {
  queueMicrotask(() => {
    throw problem
  })
}

/** @param {Reader} self */
function forget(self) {
  for (const readers of self.sources) readers.delete(self)
  self.sources.clear()
}

/** @param {(() => void)[]} stops */
function end(stops) {
  for (const stop of stops.splice(0)) stop()
}
