import { type MonitorRequest, monitorRequestSchema } from '#schemas/monitor-request.ts'
import { watchRuleSchema } from '#schemas/watch-rule.ts'

/**
 * What a monitor was asked to do. A task keeps its input as it was sent: what was left out gets its default here, also in one that would be
 * refused today. Pure.
 */
export function readMonitorRequest(input: unknown): MonitorRequest {
  const { data } = monitorRequestSchema.safeParse(input)
  if (data) return data
  const given = (typeof input === 'object' && input !== null ? input : {}) as Partial<MonitorRequest>
  const rules = Array.isArray(given.rules) ? given.rules : []
  return {
    ...given,
    camera: String(given.camera ?? ''),
    zones: given.zones ?? [],
    lines: given.lines ?? [],
    rules: rules.flatMap((rule) => watchRuleSchema.safeParse(rule).data ?? []),
  } as MonitorRequest
}
