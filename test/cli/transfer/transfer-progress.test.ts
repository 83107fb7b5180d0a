import t from 'tap'
import { TransferProgress } from '../../../services/cli/transfer/transfer-progress.ts'

t.test('a transfer tells how far it is', async (t) => {
  let nowMs = 0
  const progress = new TransferProgress('uploading', 'a.csv', 4096, { monotonicMs: () => nowMs })
  t.equal(progress.text(), 'uploading a.csv ░░░░░░░░░░   0 %  0 B of 4.0 KiB')
  const pieces = progress.through(
    (async function* () {
      yield new Uint8Array(1024)
      yield new Uint8Array(1024)
    })(),
  )
  for await (const _piece of pieces) nowMs += 500
  t.equal(progress.text(), 'uploading a.csv █████░░░░░  50 %  2.0 KiB of 4.0 KiB, 2.0 KiB/s')
})
