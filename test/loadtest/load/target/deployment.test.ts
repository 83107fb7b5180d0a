import t from 'tap'
import { deploymentTarget } from '../../../../loadtest/load/target/deployment.ts'

t.test('a deployment is used as it is: nothing of it can be killed', async (t) => {
  const target = deploymentTarget('https://edge.example.org/', { grpc: 'edge.example.org:443', key: 'k' })
  t.strictSame(target.address, {
    restUrl: 'https://edge.example.org',
    key: 'k',
    grpc: 'edge.example.org:443',
    grpcTls: true,
  })
  t.equal(target.kill, undefined)
  t.match(target.about, { kind: 'deployment', about: 'edge.example.org' })
  t.equal(deploymentTarget('http://127.0.0.1:8080', {}).address.grpc, undefined)
})
