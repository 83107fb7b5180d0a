import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { ROOT } from '../support/source-files.ts'

/** What only these may have, in compose and on Kubernetes. */
const SEAL = ['seal-keys']
const LINK = 'link-keys'

t.test('compose: each process has the secrets that its table in docs/security.md names', async (t) => {
  const text = readFileSync(join(ROOT, 'deploy/compose/compose.yaml'), 'utf8')
  const { services } = parse(text, { merge: true }) as { services: Record<string, { secrets?: string[] }> }
  const of = (name: string) => services[name]?.secrets ?? []
  t.strictSame(of('ingest'), ['ingest.nats'], 'who reads files of strangers has its own user alone')
  t.strictSame(of('report-agents'), ['agents.nats'])
  t.strictSame(of('api-caller'), ['api-caller.nats'])
  t.strictSame(of('edge'), ['edge.nats', 'edge.redis', 'platform-keys', LINK])
  t.strictSame(of('orchestrator-1'), ['orchestrator.nats', 'orchestrator.redis', 'platform-keys', ...SEAL])
  t.strictSame(of('video'), ['video.nats', 'video.redis', ...SEAL, LINK])
  t.strictSame(of('detection'), ['detection.nats'])
})

t.test('Kubernetes: each pod mounts its own', async (t) => {
  const of = (file: string) => {
    const documents = parseAllDocuments(readFileSync(join(ROOT, `deploy/k8s/base/${file}.yaml`), 'utf8'))
    const [deployment] = documents
      .map((each) => each.toJS())
      .filter((each) => /^(Deployment|StatefulSet)$/.test(each?.kind))
    const volumes = deployment.spec.template.spec.volumes as { secret?: { secretName: string } }[]
    return volumes.flatMap(({ secret }) => secret?.secretName ?? []).toSorted()
  }
  t.strictSame(of('ingest'), ['murmur-ca', 'nats-agent-ingest'])
  t.strictSame(of('analysis'), ['murmur-ca', 'nats-agent-analysis'])
  t.strictSame(of('synthesis'), ['murmur-ca', 'nats-agent-synthesis'])
  t.strictSame(of('api-caller'), ['api-caller-secrets', 'murmur-ca', 'nats-agent-api-caller'])
  t.strictSame(of('capture'), ['murmur-ca', 'nats-agent-capture', ...SEAL])
  t.notOk(of('edge').includes('seal-keys'))
  t.strictSame(of('rules-replay'), ['murmur-ca', 'nats-agent-rules-replay'])
  t.ok(of('edge').includes(LINK) && of('alerting').includes(LINK))
  t.ok(of('orchestrator').includes('seal-keys'))
})
