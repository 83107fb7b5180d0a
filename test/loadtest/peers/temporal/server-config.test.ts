import t from 'tap'
import { temporalConfig } from '../../../../loadtest/peers/temporal/server-config.ts'

t.test('every port is its own, on loopback', async (t) => {
  const ports = { frontend: 1, history: 2, matching: 3, worker: 4 }
  const { services, persistence, clusterMetadata } = JSON.parse(
    temporalConfig({ ...ports, membership: [5, 6, 7, 8] }, 9),
  )
  const rpc = Object.values(services).map((service) => (service as { rpc: Record<string, unknown> }).rpc)
  t.strictSame(
    rpc.flatMap(({ grpcPort, membershipPort }) => [grpcPort, membershipPort]).toSorted(),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
  t.ok(rpc.every(({ bindOnIP }) => bindOnIP === '127.0.0.1'))
  t.equal(persistence.datastores.default.sql.connectAddr, '127.0.0.1:9')
  t.equal(clusterMetadata.clusterInformation.active.rpcAddress, '127.0.0.1:1')
})
