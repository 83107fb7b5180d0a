import type { Alert } from '#schemas/alert.ts'
import type { MonitorRequest } from '#schemas/monitor-request.ts'
import type { WatchRule } from '#schemas/watch-rule.ts'
import { formatDuration } from '../../data/format.ts'
import { describeRule } from '../cameras/rule-words.ts'

/** Why an alert was raised, a line each: what the rule says, what it was about, and by how much it was one. Pure. */
export function whyRaised(
  alert: Alert,
  request: Pick<MonitorRequest, 'rules' | 'minScore' | 'scores'> | undefined,
): { name: string; value: string }[] {
  const rule = request?.rules.find(({ id }) => id === alert.rule.id)
  const rows: { name: string; value: string | undefined }[] = [
    { name: 'Rule', value: `${alert.rule.id} (${alert.rule.kind})` },
    { name: 'It says', value: rule && describeRule(rule as WatchRule) },
    { name: 'Zone', value: alert.zone?.id },
    { name: 'Line', value: alert.line && `${alert.line.id}${alert.direction ? `, ${alert.direction}` : ''}` },
    { name: 'Count', value: countOf(alert, rule as WatchRule | undefined) },
    ...alert.objects.map((object) => ({
      name: `${object.label} ${object.id}`,
      value: scoreOf(object, thresholdOf(object, request)),
    })),
    { name: 'Model', value: alert.model },
    { name: 'Came true', value: alert.occurrences > 1 ? `${alert.occurrences} times` : undefined },
    {
      name: 'Told after',
      value: alert.latencyMs === undefined ? undefined : formatDuration(alert.latencyMs),
    },
    { name: 'Incident', value: incidentOf(alert) },
  ]
  return rows.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]))
}

function countOf({ count }: Alert, rule: WatchRule | undefined): string | undefined {
  if (count === undefined) return undefined
  return rule?.kind === 'crowd' ? `${count}, the rule begins at ${rule.minCount}` : String(count)
}

/** Where a class or a label begins to count; undefined: the model's own, which is not said. */
function thresholdOf(
  object: { class: string; label: string },
  request: Pick<MonitorRequest, 'minScore' | 'scores'> | undefined,
): number | undefined {
  const scores = request?.scores as Record<string, number> | undefined
  return scores?.[object.label] ?? scores?.[object.class] ?? request?.minScore
}

function scoreOf({ score }: { score: number }, threshold: number | undefined): string {
  const sure = `${(score * 100).toFixed(0)} % sure`
  if (threshold === undefined) return sure
  return `${sure}, ${((score - threshold) * 100).toFixed(0)} points above the threshold`
}

function incidentOf({ incident }: Alert): string | undefined {
  if (!incident) return undefined
  return [
    incident.phase,
    ...(incident.times > 1 ? [`${incident.times} times`] : []),
    ...(incident.totalMs > 0 ? [`${formatDuration(incident.totalMs)} in all`] : []),
    ...(incident.reason ? [incident.reason] : []),
  ].join(', ')
}
