import t from 'tap'
import { createManualClock } from '../../services/platform/clock/manual-clock.ts'
import { AloneTurns } from '../../services/sdk/alone-turns.ts'

const never = new AbortController().signal

function start() {
  const clock = createManualClock()
  const turns = new AloneTurns(clock)
  const taking: boolean[] = [true]
  turns.addIntake({ pause: () => void taking.push(false), resume: () => void taking.push(true) })
  /** What has begun, and how. */
  const begun: string[] = []
  const alone = (
    name: string,
    {
      waitMs = 5000,
      deliveries = 1,
      grouped = false,
      signal = never,
    }: { waitMs?: number; deliveries?: number; grouped?: boolean; signal?: AbortSignal } = {},
  ) =>
    turns.enterAlone({ waitMs, deliveries, grouped }, signal).then((how) => void begun.push(`${name}:${how}`))
  const together = (name: string, signal = never) => {
    const waiting = turns.enter(signal)
    if (!waiting) begun.push(name)
    else void waiting.then((may) => void begun.push(may ? name : `${name}:not`))
  }
  return { clock, turns, taking, begun, alone, together }
}

t.test('ordinary steps begin at once, and nobody is told anything', async (t) => {
  const { turns, taking, begun, together } = start()
  together('a')
  together('b')
  t.strictSame(begun, ['a', 'b'])
  turns.leave()
  turns.leave()
  t.strictSame(taking, [true])
})

t.test('one alone waits until nothing else is in hand, and others wait for it', async (t) => {
  const { clock, turns, begun, alone, together } = start()
  together('a')
  void alone('x')
  await clock.advance(100)
  together('b')
  t.strictSame(begun, ['a'])
  turns.leave()
  await clock.advance(0)
  t.strictSame(begun, ['a', 'x:true'])
  together('c')
  await clock.advance(500)
  t.strictSame(begun, ['a', 'x:true'])
  turns.leaveAlone()
  await clock.advance(0)
  t.strictSame(begun, ['a', 'x:true', 'b', 'c'])
})

t.test('several have their turn one after the other, not always the same one first', async (t) => {
  const firsts = new Set<string>()
  for (const deliveries of [2, 3, 4]) {
    const { clock, turns, begun, alone } = start()
    for (const name of ['x', 'y', 'z']) void alone(name, { deliveries })
    await clock.advance(100)
    t.equal(begun.length, 1)
    turns.leaveAlone()
    await clock.advance(0)
    t.equal(begun.length, 2)
    turns.leaveAlone()
    await clock.advance(0)
    t.equal(begun.length, 3)
    t.ok(begun.every((how) => how.endsWith(':true')))
    firsts.add(begun[0]!)
  }
  t.equal(firsts.size, 3)
})

t.test('those that came again for the first time begin together, and nobody of them is alone', async (t) => {
  const { clock, turns, begun, alone, together } = start()
  for (const name of ['x', 'y', 'z']) void alone(name, { deliveries: 2, grouped: true })
  together('a')
  await clock.advance(99)
  t.strictSame(begun, [], 'until those of the same moment have come')
  await clock.advance(1)
  t.strictSame(begun.toSorted(), ['a', 'x:false', 'y:false', 'z:false'])
  void alone('suspect', { deliveries: 3 })
  void alone('w', { deliveries: 2, grouped: true })
  await clock.advance(100)
  t.equal(begun.at(-1), 'w:false', 'they wait for nobody')
  for (let i = 0; i < 5; i++) turns.leave()
  await clock.advance(0)
  t.equal(begun.at(-1), 'suspect:true', 'one that came again more often is alone')
  void alone('v', { deliveries: 2, grouped: true })
  await clock.advance(500)
  t.equal(begun.at(-1), 'suspect:true')
  turns.leaveAlone()
  await clock.advance(0)
  t.equal(begun.at(-1), 'v:true', 'and so is one that nobody else is beside')
})

t.test('who has waited long enough begins beside others, but never beside one that is alone', async (t) => {
  const { clock, turns, begun, alone, together } = start()
  together('a')
  void alone('x', { waitMs: 2000 })
  await clock.advance(2000)
  t.strictSame(begun, ['a', 'x:false'])
  turns.leave()
  turns.leave()
  void alone('y')
  void alone('z', { waitMs: 1000 })
  await clock.advance(3000)
  t.strictSame(begun.slice(2), ['y:true'])
  turns.shareTurn()
  await clock.advance(0)
  t.strictSame(begun.slice(2), ['y:true', 'z:false'])
  together('b')
  t.equal(begun.at(-1), 'b')
})

t.test('taking stops when it lasts, and goes on afterwards', async (t) => {
  const { clock, turns, taking, alone } = start()
  void alone('x')
  await clock.advance(500)
  t.strictSame(taking, [true], 'a moment is no reason')
  await clock.advance(500)
  t.equal(taking.at(-1), false)
  turns.leaveAlone()
  t.equal(taking.at(-1), true)
  void alone('y')
  await clock.advance(200)
  turns.leaveAlone()
  await clock.advance(5000)
  t.equal(taking.at(-1), true, 'what is over is not paused later')
})

t.test('an instance that stops waits for nobody', async (t) => {
  const { clock, turns, begun, alone, together } = start()
  const stopping = new AbortController()
  together('a')
  void alone('x', { signal: stopping.signal })
  together('b', stopping.signal)
  await clock.advance(200)
  stopping.abort()
  await clock.advance(0)
  t.strictSame(begun.toSorted(), ['a', 'b:not', 'x:undefined'])
  together('c', stopping.signal)
  t.equal(begun.at(-1), 'c', 'nothing is held any more')
  turns.leave()
})
