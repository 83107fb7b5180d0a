import type { IntegrityView } from '#schemas/integrity.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { integrityText } from '../system/render-integrity.ts'

const NAME = 'integrity'

/** What the auditor of the log has found. Pure. */
export function judgeIntegrity(
  found: { integrity?: IntegrityView | undefined } | { unanswered: string },
): Check {
  const start = 'Start an orchestrator of this release; its Redis user needs the keys murmur:reports:*.'
  if ('unanswered' in found) return { name: NAME, status: 'warn', evidence: found.unanswered, fix: start }
  const { integrity } = found
  if (!integrity) return { name: NAME, status: 'warn', evidence: 'nobody audits the log', fix: start }
  const evidence = integrityText(integrity)
  if (integrity.violations > 0)
    return { name: NAME, status: 'fail', evidence, fix: 'See docs/runbooks/InvariantBroken.md.' }
  if (integrity.isStale) return { name: NAME, status: 'warn', evidence, fix: start }
  return { name: NAME, status: 'ok', evidence }
}
