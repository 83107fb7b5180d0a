import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bullmq } from '../../../../loadtest/peers/bullmq/peer.ts'
import {
  killAtWork,
  measureOpenLoop,
  measureSaturated,
} from '../../../../loadtest/peers/harness/measure-peer.ts'
import { naive } from '../../../../loadtest/peers/naive/peer.ts'

// Those that are always here, on servers of their own. How quick they are is not judged.
for (const peer of [naive, bullmq])
  t.test(
    `${peer.title}: tasks to their results, and those of a killed worker are done by the next`,
    async (t) => {
      t.not(await peer.install(() => {}), '')
      const dir = mkdtempSync(join(tmpdir(), 'murmur-peers-test-'))
      const stack = await peer.start({ dir, tuning: 'tuned', slots: 4, report: () => {} })
      t.teardown(async () => {
        await stack.stop()
        rmSync(dir, { recursive: true, force: true })
      })
      const run = (holdMs?: number) => stack.client.run(holdMs)
      const worker = await stack.startWorker()
      t.ok((await measureSaturated(run, { underWay: 4, seconds: 0.2, warmUpMs: 100 })).tasksPerSecond > 0)
      const { p50Ms, p99Ms } = await measureOpenLoop(run, { rate: 50, seconds: 0.5 })
      t.ok(p50Ms > 0 && p99Ms >= p50Ms)
      t.ok(stack.serverPids().length >= 1)
      await worker.stop()

      const { recovery, stopWorker } = await killAtWork(run, stack.startWorker, {
        slots: 4,
        holdMs: 400,
        limitMs: 60_000,
      })
      const { onHand, seconds, open } = await recovery
      t.equal(open, 0, 'all are done')
      t.ok(onHand > 0, 'the worker had something on hand')
      t.ok(seconds! > 0.4, 'what was on hand is done anew')
      await stopWorker()
    },
  )
