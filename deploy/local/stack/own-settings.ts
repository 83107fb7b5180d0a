import { isSecretName } from '#platform/telemetry/redact.ts'

type Owner = 'orchestrator' | 'edge' | 'api-caller' | 'video'

/** Whose secrets are told by variables that begin so. A longer beginning comes first. */
const OWNERS: readonly [start: string, owners: readonly Owner[]][] = [
  ['MURMUR_SECRET', ['api-caller']],
  ['MURMUR_ALERT_', ['video']],
  ['MURMUR_CAMERA_SECRETS', ['video']],
  ['MURMUR_SEAL_KEYS', ['orchestrator', 'video']],
  ['MURMUR_LINK_KEYS', ['edge', 'video']],
  ['MURMUR_RECORDINGS_S3_', ['video']],
  ['MURMUR_PLATFORM_KEYS', ['orchestrator', 'edge']],
  ['MURMUR_ARCHIVE_S3_', ['orchestrator']],
  ['MURMUR_EDGE_', ['edge']],
]
const MAINS: readonly [end: string, owner: Owner][] = [
  ['services/orchestrator/main.ts', 'orchestrator'],
  ['services/edge/main.ts', 'edge'],
  ['services/agents/api-caller/main.ts', 'api-caller'],
  ['services/agents/video-agents.ts', 'video'],
]
const OURS =
  /services\/(orchestrator\/main|edge\/main|agents\/(report\/ingest\/main|report-agents|video-agents|api-caller\/main|video\/detection\/main))\.ts$/
/** What a process connects with is its own already; keys of payloads are needed by whoever works with payloads. */
const CONNECTIONS = /^MURMUR_(NATS_|REDIS_|PAYLOAD_KEYS$)/

/**
 * The environment of a service without secrets of others: neither those of other services, nor what the shell of whoever started the stack
 * happens to hold. Agents of a user's own keep the latter: their keys are there. Pure.
 */
export function ownSettings(main: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = main.replaceAll('\\', '/')
  const owner = MAINS.find(([end]) => path.endsWith(end))?.[1]
  const isOurs = OURS.test(path)
  const isOwn = (name: string) => {
    const owners = OWNERS.find(([start]) => name.startsWith(start))?.[1]
    if (owners) return owner !== undefined && owners.includes(owner)
    return !isOurs || CONNECTIONS.test(name) || !isSecretName(name)
  }
  return Object.fromEntries(Object.entries(env).filter(([name]) => isOwn(name)))
}
