import type { Server } from '@nats-io/transport-node'
import t from 'tap'
import { CutOffWatch, type LeaderElsewhere } from '../../../services/platform/nats/cut-off-watch.ts'

function watching(servers = 3, about: Partial<ConstructorParameters<typeof CutOffWatch>[0]> = {}) {
  let nowMs = 0
  let moves = 0
  const pool = Array.from({ length: servers }, (_, i) => ({ listen: `n${i}` }) as Server)
  const nc = {
    isClosed: () => false,
    getServer: () => 'n0',
    getServers: () => pool,
    reconnect: async () => void moves++,
  }
  const watch = new CutOffWatch({ monotonicMs: () => nowMs, ...about })
  watch.follow(nc)
  /** Loses something every second, for so long. */
  const loseFor = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      watch.lost()
      nowMs += 1000
    }
  }
  const rest = (seconds: number) => {
    nowMs += seconds * 1000
  }
  return { watch, loseFor, rest, pool, moves: () => moves }
}

t.test('an election is waited for; then the next server is tried, less often each time', async (t) => {
  const { loseFor, moves } = watching()
  loseFor(10)
  t.equal(moves(), 0)
  loseFor(1)
  t.equal(moves(), 1)
  loseFor(19)
  t.equal(moves(), 1)
  loseFor(1)
  t.equal(moves(), 2, 'after twice as long')
  loseFor(600)
  t.equal(moves(), 2 + 1 + Math.floor((600 - 40) / 60), 'at least once a minute')
})

t.test('an answer, or another connection, begins the count anew', async (t) => {
  const { watch, loseFor, moves } = watching()
  loseFor(9)
  watch.answered()
  loseFor(10)
  watch.changed()
  loseFor(10)
  t.equal(moves(), 0)
})

t.test('a single server is stayed with', async (t) => {
  const { loseFor, moves } = watching(1)
  loseFor(100)
  t.equal(moves(), 0)
})

t.test('what is lost now and then counts for nothing', async (t) => {
  const { watch, rest, moves } = watching()
  for (let i = 0; i < 10; i++) {
    watch.lost()
    rest(6)
  }
  t.equal(moves(), 0)
})

t.test('another server than the one that is left, until there is a connection', async (t) => {
  const { watch, loseFor, pool } = watching()
  t.equal(watch.choose(pool), null, 'as the client likes')
  loseFor(11)
  t.equal(watch.choose(pool)?.listen, 'n1')
  t.equal(watch.choose(pool.slice(0, 1)), null)
  watch.changed()
  t.equal(watch.choose(pool), null)
})

t.test(
  'where another server knows a leader and this one does not, it is left at once, for that one',
  async (t) => {
    const asked: string[] = []
    const elsewhere: LeaderElsewhere = {
      mayAsk: () => true,
      find: async ({ stream }) => {
        asked.push(stream)
        // An election is under way at first.
        return asked.length < 3 ? undefined : 'n2'
      },
    }
    const { watch, rest, pool, moves } = watching(3, { elsewhere })
    /** @returns seconds until it has moved */
    const loseUntilMoved = async () => {
      for (let seconds = 0; ; seconds += 0.5) {
        // What a leader that is cut off still answers says nothing against it.
        watch.answered()
        watch.lost({ stream: 'LOG' })
        await new Promise(setImmediate)
        if (moves() > 0 || seconds > 20) return seconds
        rest(0.5)
      }
    }
    const seconds = await loseUntilMoved()
    t.ok(seconds >= 2 && seconds < 5, `${seconds} s`)
    t.strictSame(asked, ['LOG', 'LOG', 'LOG'])
    t.equal(watch.choose(pool)?.listen, 'n2')
    t.equal(watch.choose(pool)?.listen, 'n1', 'one that takes no connection is not tried for ever')
  },
)

t.test('others are not asked for what is lost now and then, nor for ever at the same pace', async (t) => {
  let asked = 0
  const elsewhere: LeaderElsewhere = {
    mayAsk: ({ consumer }) => consumer === undefined,
    find: async () => {
      asked++
      throw new Error('not allowed')
    },
  }
  const { watch, rest } = watching(3, { elsewhere })
  for (let i = 0; i < 10; i++) {
    watch.lost({ stream: 'LOG' })
    rest(6)
    await new Promise(setImmediate)
  }
  for (let i = 0; i < 10; i++) {
    watch.lost({ stream: 'LOG', consumer: 'c' })
    rest(1)
    await new Promise(setImmediate)
  }
  t.equal(asked, 0)
  for (let i = 0; i < 3600; i++) {
    watch.lost({ stream: 'LOG' })
    rest(1)
    await new Promise(setImmediate)
  }
  t.ok(asked > 10 && asked < 80, `${asked} times in an hour`)
})

t.test('what was found for a connection that is gone counts for nothing', async (t) => {
  const found = Promise.withResolvers<string>()
  const { watch, rest, moves } = watching(3, {
    elsewhere: { mayAsk: () => true, find: () => found.promise },
  })
  for (let i = 0; i < 4; i++) {
    watch.lost({ stream: 'LOG' })
    rest(1)
  }
  watch.changed()
  found.resolve('n1')
  await new Promise(setImmediate)
  t.equal(moves(), 0)
})
