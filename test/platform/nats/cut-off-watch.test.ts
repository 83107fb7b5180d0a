import type { Server } from '@nats-io/transport-node'
import t from 'tap'
import { CutOffWatch } from '../../../services/platform/nats/cut-off-watch.ts'

function watching(servers = 3) {
  let nowMs = 0
  let moves = 0
  const nc = {
    isClosed: () => false,
    getServers: () => Array.from({ length: servers }, () => ({}) as Server),
    reconnect: async () => void moves++,
  }
  const watch = new CutOffWatch({ nc, monotonicMs: () => nowMs })
  /** Loses something every second, for so long. */
  const lose = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      watch.lost()
      nowMs += 1000
    }
  }
  return { watch, lose, moves: () => moves }
}

t.test('an election is waited for; then the next server is tried, less often each time', async (t) => {
  const { lose, moves } = watching()
  lose(10)
  t.equal(moves(), 0)
  lose(1)
  t.equal(moves(), 1)
  lose(19)
  t.equal(moves(), 1)
  lose(1)
  t.equal(moves(), 2, 'after twice as long')
  lose(600)
  t.equal(moves(), 2 + 1 + Math.floor((600 - 40) / 60), 'at least once a minute')
})

t.test('an answer, or another connection, begins the count anew', async (t) => {
  const { watch, lose, moves } = watching()
  lose(9)
  watch.answered()
  lose(10)
  watch.changed()
  lose(10)
  t.equal(moves(), 0)
})

t.test('a single server is stayed with', async (t) => {
  const { lose, moves } = watching(1)
  lose(100)
  t.equal(moves(), 0)
})
