import { Icon } from '../../components/icon.tsx'
import type { Draft, ShapeKind, ShapeRef } from './draft.ts'

const NAMES = { zones: 'zone', lines: 'line', ignore: 'mask' } as const

/** The shapes by name: to choose one without a mouse, to name it, and to take it away. */
export function ShapeList({
  draft,
  current,
  onSelect,
  onRename,
  onRemove,
  onTurn,
}: {
  draft: Draft
  current: ShapeRef | undefined
  onSelect: (ref: ShapeRef) => void
  onRename: (ref: ShapeRef, id: string) => void
  onRemove: (ref: ShapeRef) => void
  onTurn: (index: number) => void
}) {
  const rows = (['zones', 'lines', 'ignore'] as const satisfies readonly ShapeKind[]).flatMap((kind) =>
    draft[kind].map(({ id }, index) => ({ kind, index, id })),
  )
  return (
    <section className="card padded stack" aria-label="Zones, lines and masks">
      <h2>Zones, lines and masks</h2>
      {rows.length === 0 && <p className="dim">None yet: draw one on the picture.</p>}
      <ul className="plain">
        {rows.map(({ kind, index, id }) => (
          <li key={`${kind} ${index}`} className="shape-row">
            <button
              type="button"
              className="button small"
              aria-pressed={current?.kind === kind && current.index === index}
              aria-label={`Choose the ${NAMES[kind]} ${id}`}
              onClick={() => onSelect({ kind, index })}
            >
              {NAMES[kind]}
            </button>
            <input
              className="input"
              aria-label={`Name of the ${NAMES[kind]} ${id}`}
              maxLength={64}
              value={id}
              onFocus={() => onSelect({ kind, index })}
              onChange={(event) => onRename({ kind, index }, event.target.value)}
            />
            {kind === 'lines' && (
              <button
                type="button"
                className="icon-button"
                aria-label={`Turn ${id} round`}
                onClick={() => onTurn(index)}
              >
                <Icon name="retry" />
              </button>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove ${id}`}
              onClick={() => onRemove({ kind, index })}
            >
              <Icon name="x" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
