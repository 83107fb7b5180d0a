import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { NO_REDIS_EXPORTER, startRedisExporter } from '../../support/redis-exporter.ts'
import { withServers } from '../../support/servers.ts'
import { ROOT } from '../../support/source-files.ts'
import type { Manifest } from './manifests.ts'
import { madeSecrets } from './render.ts'

const PASSWORDS = '/run/secrets/redis-probe/exporter.json'

t.test(
  'redis-exporter tells what Redis uses, as the user that may ask nothing else',
  {
    skip: NO_REDIS_EXPORTER,
  },
  async (t) => {
    const servers = await withServers(t)
    const ours = new URL(servers.redisUrlOf('probe'))
    const secret = (madeSecrets() as Manifest[]).find(({ metadata }) => metadata.name === 'redis-probe')
    const passwords = Object.keys(JSON.parse(secret!.stringData['exporter.json']))
    // The same file, of this test's server.
    const file = join(t.testdir({}), 'exporter.json')
    const moved = passwords.map((address) => [
      address.replace('redis:6379', ours.host),
      decodeURIComponent(ours.password),
    ])
    writeFileSync(file, JSON.stringify(Object.fromEntries(moved)))

    const manifests = parseAllDocuments(
      readFileSync(join(ROOT, 'deploy/k8s/components/redis/redis-exporter.yaml'), 'utf8'),
    ).map((document) => document.toJS() as Manifest)
    const [container] = manifests.find(({ kind }) => kind === 'Deployment')!.spec.template.spec.containers
    const args = (container.args as string[])
      .filter((arg) => !arg.startsWith('-web.listen-address'))
      .map((arg) => arg.replace('redis:6379', ours.host).replace(PASSWORDS, file))
    const address = await startRedisExporter(t, args)

    const health = await fetch(`http://${address}${container.livenessProbe.httpGet.path}`)
    t.equal(health.status, 200, 'its probe')
    const metrics = await (await fetch(`http://${address}/metrics`)).text()
    t.match(metrics, /^redis_up 1$/m)
    for (const name of ['redis_memory_used_bytes', 'redis_connected_clients', 'redis_aof_enabled'])
      t.match(metrics, new RegExp(`^${name} \\d`, 'm'), name)
  },
)
