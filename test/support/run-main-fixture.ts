import { runMain } from '#platform/lifecycle/run-main.ts'

/** A process main for tests; the first argument says how it behaves. */
const mode = process.argv[2]

await runMain('fixture', ({ lifecycle, log }) => {
  if (mode === 'throws') setTimeout(throwLater, 1)
  if (mode === 'rejects') void Promise.reject(new Error('it broke'))
  let busy: NodeJS.Timeout | undefined
  lifecycle.add({
    name: 'part',
    start() {
      if (mode === 'unstartable') throw new Error('it broke')
      busy = setInterval(() => undefined, 1000)
      log.info({}, 'part started')
    },
    quiesce: () => log.info({}, 'part quiesced'),
    stop() {
      clearInterval(busy)
      if (mode !== 'hanging') return log.info({}, 'part stopped')
      log.info({}, 'part is hanging')
      return new Promise<void>(() => undefined)
    },
  })
  return () => ({ 'facts-are-told': 7 })
})

function throwLater(): never {
  throw new Error('it broke')
}
