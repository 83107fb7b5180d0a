import t from 'tap'
import { AuditPace, READ_MS } from '../../../services/orchestrator/integrity/audit-pace.ts'

t.test('what is saved up may be spent at once, then three two-hundredths of the time', async (t) => {
  const pace = new AuditPace(0)
  t.equal(pace.pauseMs(0), 0)
  let spentMs = 0
  let nowMs = 0
  for (let i = 0; i < 100_000 && nowMs < 600_000; i++) {
    const pauseMs = pace.pauseMs(nowMs)
    nowMs += pauseMs
    if (pauseMs > 0) continue
    pace.spend(5)
    spentMs += 5
    nowMs += 5
  }
  t.ok(nowMs >= 600_000, 'time went by')
  const share = (spentMs - 500) / nowMs
  t.ok(share > 0.014 && share < 0.01505, `it was ${share}`)
})

t.test('no more is read than there is time for, by what events have cost', async (t) => {
  const pace = new AuditPace(0)
  const first = pace.room(0)
  t.ok(first > 1000)
  for (let i = 0; i < 200; i++) pace.spend(2, 1)
  t.ok(pace.room(0) < first / 5, 'events that cost ten times as much')
  pace.spend(5000)
  t.equal(pace.room(0), 0)
  t.ok(pace.pauseMs(0) > 60_000)
  t.equal(pace.pauseMs(1_000_000), 0)
  t.ok(READ_MS > 0)
})
