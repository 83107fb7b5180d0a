import { TOKEN_PATTERN } from '#schemas/identifiers.ts'

/** Takes `agents.heartbeat.ingest.ingest-4f1a` apart; undefined when it is none. */
export function parseHeartbeatSubject(subject: string): { type: string; instance: string } | undefined {
  const [root, noun, type = '', instance = '', ...more] = subject.split('.')
  if (root !== 'agents' || noun !== 'heartbeat' || more.length > 0) return undefined
  return TOKEN_PATTERN.test(type) && TOKEN_PATTERN.test(instance) ? { type, instance } : undefined
}

/**
 * What `log.<partition>.<kind>` says that its message is, for events of the platform: kinds that are not known here, of a later
 * version, among them. Undefined for results, which agents write, and for what is no subject of the log.
 */
export function platformEventKind(subject: string): string | undefined {
  const [root, , kind, ...more] = subject.split('.')
  return root === 'log' && kind !== 'result' && more.length === 0 ? kind : undefined
}
