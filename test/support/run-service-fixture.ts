import { runService } from '#platform/lifecycle/run-service.ts'

/** A service main for tests: two connections and a check of its own. */
await runService('fixture', async ({ connect, addChecks, lifecycle, log }) => {
  const bus = await connect()
  const frames = await connect('frames')
  addChecks(() => ({ own: { ok: true, detail: 'is there' } }))
  lifecycle.add({ name: 'part', stop: () => log.info({}, `closed: ${!bus.connected} ${!frames.connected}`) })
  return () => ({ server: bus.serverVersion })
})
