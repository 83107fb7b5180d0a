import type { Severity } from '#schemas/watch-rule.ts'
import { Badge, type Tone } from '../../components/status-badge.tsx'

export const SEVERITY_TONES: Readonly<Record<Severity, { tone: Tone; sign: string }>> = {
  critical: { tone: 'bad', sign: '▲' },
  high: { tone: 'warn', sign: '▲' },
  medium: { tone: 'special', sign: '◆' },
  low: { tone: 'quiet', sign: '●' },
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  return <Badge {...SEVERITY_TONES[severity]}>{severity}</Badge>
}
