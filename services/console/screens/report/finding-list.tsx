import type { Finding } from '#schemas/report.ts'
import { Badge, type Tone } from '../../components/status-badge.tsx'
import { provenanceText } from './provenance-text.ts'

const TONES: Readonly<Record<Finding['confidence'], Tone>> = {
  strong: 'ok',
  moderate: 'info',
  weak: 'quiet',
}

/** What was found, each with the places that it comes from. */
export function FindingList({
  findings,
  chosen,
  onChoose,
}: {
  findings: readonly Finding[]
  chosen: { finding: string; at: number } | undefined
  onChoose: (finding: string, at: number) => void
}) {
  return (
    <ol className="findings" aria-label="Findings">
      {findings.map(({ id, plain, confidence, kind, provenance, repeats }) => (
        <li key={id} data-finding={id} aria-current={chosen?.finding === id || undefined}>
          <p>{plain}</p>
          <p className="row small">
            <Badge tone={TONES[confidence]}>{confidence}</Badge>
            <span className="dim">{kind}</span>
            {repeats && <span className="dim">says again what another one says</span>}
          </p>
          <ul className="places" aria-label="Where it comes from">
            {provenance.map((each, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list of a report never changes
              <li key={at}>
                <button
                  type="button"
                  className="link"
                  aria-pressed={chosen?.finding === id && chosen.at === at}
                  onClick={() => onChoose(id, at)}
                >
                  {provenanceText(each)}
                </button>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  )
}
