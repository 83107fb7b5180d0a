import t from 'tap'
import { readBench } from '../../../../loadtest/load/nats/read-bench.ts'

t.test('what nats bench says at its end', async (t) => {
  const output = `10:44:22 Starting Core NATS service requester benchmark
NATS Core NATS service requester stats: 10,187 msgs/sec ~ 1.2 MiB/sec ~ min: 44.81us ~ avg: 98.07us ~ max: 16,651.75us ~ P50: 82.55us ~ P90: 115.95us ~ P99: 1,204.05us ~ P99.9: 2,499.62us
`
  t.strictSame(readBench(output), {
    messagesPerSecond: 10_187,
    megabytesPerSecond: 1.3,
    p50Ms: 0.083,
    p99Ms: 1.204,
  })
  t.strictSame(readBench('Pub stats: 22,327 msgs/sec ~ 22 MiB/sec'), {
    messagesPerSecond: 22_327,
    megabytesPerSecond: 23.1,
  })
  t.throws(() => readBench('nats: error: no servers available'), /no figures: nats: error/)
})
