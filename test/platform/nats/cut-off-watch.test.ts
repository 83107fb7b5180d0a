import type { Server } from '@nats-io/transport-node'
import t from 'tap'
import { CutOffWatch } from '../../../services/platform/nats/cut-off-watch.ts'

function watching(servers = 3) {
  let nowMs = 0
  let moves = 0
  const pool = Array.from({ length: servers }, (_, i) => ({ listen: `n${i}` }) as Server)
  const nc = {
    isClosed: () => false,
    getServer: () => 'n0',
    getServers: () => pool,
    reconnect: async () => void moves++,
  }
  const watch = new CutOffWatch({ monotonicMs: () => nowMs })
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
