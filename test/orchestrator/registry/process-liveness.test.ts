import t from 'tap'
import { ProcessLiveness } from '../../../services/orchestrator/registry/process-liveness.ts'

const beat = (
  instance: string,
  about: { startedAtMs?: number; status?: 'ready' | 'draining' | 'stopped'; cordoned?: boolean } = {},
) => ({
  type: 'x',
  instance,
  startedAtMs: 1,
  status: 'ready' as const,
  ...about,
})
const life = (instance: string, bornAtMs = 1) => ({ type: 'x', instance, bornAtMs })

/** Hears these instances every second, from one moment to another. */
function hear(lives: ProcessLiveness, instances: string[], fromMs: number, untilMs: number): void {
  for (let ms = fromMs; ms <= untilMs; ms += 1000) for (const one of instances) lives.heard(beat(one), ms)
}

t.test('who falls silent while others are heard is dead after three seconds, and no sooner', async (t) => {
  const lives = new ProcessLiveness()
  hear(lives, ['a', 'b'], 0, 10_000)
  hear(lives, ['b'], 11_000, 14_000)
  t.equal(lives.of(life('b'), 14_000), 'alive')
  t.equal(lives.of(life('a'), 11_400), 'alive', 'one heartbeat may be missing')
  t.equal(lives.of(life('a'), 12_000), 'unsure')
  t.equal(lives.of(life('a'), 13_000), 'unsure')
  t.equal(lives.of(life('a'), 13_001), 'dead')
  t.equal(lives.of(life('a', 2), 14_000), 'unknown', 'another process of that name')
  t.equal(lives.of(life('never'), 14_000), 'unknown')
  t.equal(lives.of({ ...life('a'), type: 'y' }, 14_000), 'unknown')
})

t.test('a process of the same name that was started anew does not keep the old one alive', async (t) => {
  const lives = new ProcessLiveness()
  hear(lives, ['a'], 0, 5000)
  for (let ms = 6000; ms <= 9000; ms += 1000) lives.heard(beat('a', { startedAtMs: 5500 }), ms)
  t.equal(lives.of(life('a'), 9000), 'dead')
  t.equal(lives.of(life('a', 5500), 9000), 'alive')
})

t.test('nobody dies of our own deafness', async (t) => {
  const lives = new ProcessLiveness()
  hear(lives, ['a', 'b'], 0, 10_000)
  t.equal(lives.of(life('a'), 14_000), 'unsure', 'nobody was heard: it may be us')
  t.equal(lives.of(life('a'), 15_001), 'unknown', 'and nobody speaks any more')
  hear(lives, ['b'], 20_000, 20_000)
  t.equal(lives.of(life('a'), 20_000), 'unsure', 'we hear again: it may speak yet')
  hear(lives, ['b'], 21_000, 23_000)
  t.equal(lives.of(life('a'), 22_999), 'unsure')
  t.equal(lives.of(life('a'), 23_000), 'dead', 'three seconds of hearing others are enough')
  hear(lives, ['a'], 24_000, 24_000)
  t.equal(lives.of(life('a'), 24_000), 'alive')
})

t.test('who ends in order has not died', async (t) => {
  for (const status of ['draining', 'stopped'] as const) {
    const lives = new ProcessLiveness()
    hear(lives, ['a', 'b'], 0, 3000)
    lives.heard(beat('a', { status }), 3500)
    hear(lives, ['b'], 4000, 9000)
    t.equal(lives.of(life('a'), 9000), 'unknown', status)
  }
})

t.test('one that is drained works on what it has: it lives, and may die of it', async (t) => {
  const lives = new ProcessLiveness()
  hear(lives, ['a', 'b'], 0, 3000)
  lives.heard(beat('a', { status: 'draining', cordoned: true }), 4000)
  hear(lives, ['b'], 4000, 9000)
  t.equal(lives.of(life('a'), 4500), 'alive')
  t.equal(lives.of(life('a'), 9000), 'dead')
  lives.heard(beat('a', { status: 'draining', cordoned: false }), 9500)
  t.equal(lives.of(life('a'), 9500), 'unknown', 'it ends in order now')
})

t.test('what is remembered is bounded', async (t) => {
  const lives = new ProcessLiveness()
  hear(lives, ['old'], 0, 0)
  for (let i = 0; i < 20_000; i++) lives.heard(beat(`a-${i}`), 1 + i / 100)
  t.equal(lives.of(life('old'), 1000), 'unknown')
  t.equal(lives.of(life('a-19999'), 201), 'alive')
  const quiet = new ProcessLiveness()
  hear(quiet, ['old'], 0, 0)
  hear(quiet, ['b'], 0, 16 * 60_000)
  t.equal(quiet.of(life('old'), 16 * 60_000), 'dead', 'as long as nobody new comes')
  hear(quiet, ['new'], 16 * 60_000, 16 * 60_000)
  t.equal(quiet.of(life('old'), 16 * 60_000), 'unknown')
})

t.test('a site is heard over a link of its own', async (t) => {
  const onSite = (instance: string) => ({ ...beat(instance), type: 'x--yard' })
  const of = (instance: string) => ({ ...life(instance), type: 'x--yard' })
  const lives = new ProcessLiveness()
  const second = (ms: number, instances: string[]) => {
    lives.heard(beat('centre'), ms)
    for (const one of instances) lives.heard(onSite(one), ms)
  }
  for (let ms = 0; ms <= 10_000; ms += 1000) second(ms, ['a', 'b'])
  t.equal(lives.of(of('a'), 10_500), 'alive')
  for (let ms = 11_000; ms <= 60_000; ms += 1000) second(ms, [])
  t.equal(lives.of(of('a'), 60_000), 'unsure', 'a question came over the link before any heartbeat')
  second(61_000, ['b'])
  t.equal(lives.of(of('a'), 61_500), 'unsure', 'others are heard again: it may speak yet')
  t.equal(lives.of(of('b'), 61_500), 'alive')
  for (let ms = 62_000; ms <= 65_000; ms += 1000) second(ms, ['b'])
  t.equal(lives.of(of('a'), 65_000), 'dead', 'it does not, while others there do')
  const forgotten = 20 * 60_000
  for (let ms = 66_000; ms <= forgotten; ms += 1000) second(ms, [])
  second(forgotten, ['c'])
  t.equal(lives.of(of('b'), forgotten), 'unsure', 'also one that was forgotten')
})

t.test('where nobody on a site sends heartbeats, nobody waits for them for long', async (t) => {
  const lives = new ProcessLiveness()
  const name = { ...life('a'), type: 'x--yard' }
  t.equal(lives.of(name, 1000), 'unsure')
  t.equal(lives.of(name, 3999), 'unsure')
  t.equal(lives.of(name, 4000), 'unknown')
  t.equal(lives.of(name, 90_000), 'unknown')
})
