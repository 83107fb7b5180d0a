import t from 'tap'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import {
  chooseHorizon,
  isBehind,
  isOfLog,
  isOfOwner,
  marginAt,
  neededRounds,
  purgeBound,
} from '../../../services/orchestrator/checkpoints/checkpoint-rules.ts'
import { firstHorizon } from '../../../services/orchestrator/checkpoints/claim-checkpoints.ts'
import { newClaim } from '../../../services/orchestrator/partition/partition-store.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
const LOG = { created: 'born-1', firstSeq: 1, lastSeq: 1000 }
const facts = {
  nowMs: NOW,
  marginMs: 20 * MINUTE,
  slackMs: MINUTE,
  folded: 500,
  sent: 480,
  lastSeq: 500,
  streamLastSeq: 900,
}
const record = (about: Partial<HorizonRecord>): HorizonRecord => ({
  ...firstHorizon('me', 'born-1'),
  ...about,
})

t.test('without an archive: what is older than the margin, folded and sent', (t) => {
  t.strictSame(chooseHorizon(facts), { untilMs: NOW - 20 * MINUTE, maxSeq: 480 })
  t.equal(chooseHorizon({ ...facts, folded: 300 })?.maxSeq, 300)
  t.end()
})

t.test('a partition that is idle holds up nobody: all of the log is folded as far as it goes', (t) => {
  t.equal(chooseHorizon({ ...facts, sent: 500 })?.maxSeq, 900)
  t.equal(chooseHorizon({ ...facts, folded: 0, sent: 0, lastSeq: 0 })?.maxSeq, 900)
  t.equal(chooseHorizon({ ...facts, sent: 500, lastSeq: 501 })?.maxSeq, 500, 'one is on its way')
  t.end()
})

t.test('with an archive: what ended behind it was old enough in a round before', (t) => {
  const rounds = [
    { atMs: NOW - 30 * MINUTE, from: 200, to: 210, ageMs: 10 * MINUTE },
    { atMs: NOW - 5 * MINUTE, from: 400, to: 410, ageMs: 10 * MINUTE },
  ]
  const at = (upTo: number) => chooseHorizon({ ...facts, archive: { upTo, rounds } })
  t.equal(at(209), undefined, 'no round lies before what is archived')
  // 30 minutes ago it was whole: who was 10 minutes old then has a checkpoint, with a minute to spare.
  t.strictSame(at(350), { untilMs: NOW - 41 * MINUTE, maxSeq: 200 })
  t.strictSame(at(420), { untilMs: NOW - 20 * MINUTE, maxSeq: 400 }, 'the margin holds in any case')
  t.equal(chooseHorizon({ ...facts, archive: { upTo: 420, rounds: [] } }), undefined)
  const round = { atMs: NOW, from: 500, to: 500, ageMs: 10 * MINUTE }
  const idle = { ...facts, sent: 500, archive: { upTo: 500, rounds: [round] } }
  t.equal(chooseHorizon(idle)?.maxSeq, 900)
  // The margin is shorter by now: who had a checkpoint then is told by the round.
  const shorter = { ...idle, marginMs: 4 * MINUTE }
  t.equal(chooseHorizon(shorter)?.untilMs, NOW - 11 * MINUTE)
  t.end()
})

t.test('rounds are kept as long as a choice may need them', (t) => {
  const rounds = [10, 20, 30].map((to) => ({ atMs: to, from: to, to, ageMs: 1 }))
  t.strictSame(neededRounds(rounds, 25), rounds.slice(1))
  t.strictSame(neededRounds(rounds, 5), rounds)
  t.strictSame(neededRounds(rounds, 30), rounds.slice(2))
  t.end()
})

t.test('a checkpoint counts when it was written by who had the partition then', (t) => {
  const claims = [
    { claim: 'first', from: 10 },
    { claim: 'second', from: 20 },
  ]
  const counts = (claim: string, seq: number) => isOfOwner(claims, { claim, seq })
  t.ok(counts('first', 15))
  t.ok(counts('second', 21))
  t.notOk(counts('first', 21), 'the first one woke up too late')
  t.notOk(counts('second', 15))
  t.ok(counts('anybody', 5), 'what lies before was looked at by who had it then')
  const late = isOfOwner(claims, { claim: 'first', seq: 21, after: 12 })
  t.ok(late, 'what follows another one says what was true when nothing later is there')
  t.notOk(
    isOfOwner(claims, { claim: 'first', seq: 21, after: 0 }),
    'the first of a task may come after its end',
  )
  t.end()
})

t.test('a position goes on from the log, unless that has no more what comes behind it', (t) => {
  const horizon = record({ horizon: 800, reached: 700, before: 600, beforeReached: 550 })
  const claim = newClaim()
  const behind = (offset: number, about: { level?: boolean; firstSeq?: number } = {}) =>
    isBehind({ offset, level: about.level ?? true, claim }, horizon, {
      ...{ ...LOG, firstSeq: about.firstSeq ?? 601 },
    })
  t.notOk(behind(900))
  t.notOk(behind(600))
  t.notOk(behind(550), 'nothing of it lies between that and what was purged')
  t.ok(behind(549))
  t.notOk(behind(549, { firstSeq: 1 }), 'nothing was purged')
  t.ok(behind(0, { level: false, firstSeq: 1 }), 'a restore was cut short')
  t.notOk(behind(800, { level: false }), 'it was restored, and is not level yet')
  t.notOk(isBehind({ offset: 0, level: false }, undefined, LOG))
  t.end()
})

t.test('what a release made of a partition that takes its log for whole is made anew', (t) => {
  const horizon = record({ horizon: 800, reached: 700, before: 600, beforeReached: 550 })
  for (const claim of ['Zm9vYmFy', undefined]) {
    const behind = (firstSeq: number) =>
      isBehind({ offset: 990, level: true, claim }, horizon, { ...LOG, firstSeq })
    t.ok(behind(601))
    t.ok(behind(801), 'the log has all that comes behind the horizon')
    t.notOk(behind(802), 'it has gone by age: what is stored is all that there is')
    t.notOk(isBehind({ offset: 990, level: true, claim }, undefined, LOG), 'nothing was ever purged')
  }
  t.end()
})

t.test('the fuller the log, the shorter the margin; some of it stays', (t) => {
  t.equal(marginAt(0, 16_000), 16_000)
  t.equal(marginAt(0.4, 16_000), 16_000)
  t.equal(marginAt(0.55, 16_000), 9000)
  t.equal(marginAt(0.7, 16_000), 2000)
  t.equal(marginAt(2, 16_000), 2000)
  t.end()
})

t.test('a horizon counts in the log that it was written for, also in a copy of it', (t) => {
  const horizon = record({ horizon: 800, horizonMs: 5000 })
  const copy = { created: 'born-2', lastSeq: 900 }
  t.ok(isOfLog(horizon, LOG, 5000))
  t.ok(isOfLog(horizon, copy, 5000), 'it was restored')
  t.notOk(isOfLog(horizon, copy, 6000), 'another log')
  t.notOk(isOfLog(horizon, LOG, 6000), 'it was set back and has gone on in another way')
  t.notOk(isOfLog(horizon, { ...LOG, lastSeq: 799 }, undefined))
  t.ok(isOfLog(horizon, LOG, undefined), 'that message has gone')
  t.notOk(isOfLog(horizon, copy, undefined), 'and nobody can say whether it is the same')
  t.notOk(isOfLog(record({}), copy, undefined))
  t.end()
})

t.test('the log is purged up to where no partition needs it', (t) => {
  const log = { created: 'born-1', lastSeq: 1000 }
  const at = (before: number) => record({ horizon: before + 100, before })
  t.equal(purgeBound([at(50), at(20), at(70)], log), 20)
  t.equal(purgeBound([at(50), undefined], log), 0, 'one has said nothing')
  t.equal(purgeBound([at(50), { ...at(20), stream: 'another' }], log), 0, 'that was of another log')
  t.equal(purgeBound([at(50), at(950)], log), 0, 'the log was set back')
  t.equal(purgeBound([], log), 0)
  t.end()
})
