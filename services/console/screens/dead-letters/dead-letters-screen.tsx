import './dead-letters.css'
import { useCallback, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { DeadLetter } from '#schemas/dead-letter.ts'
import { DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { nowMs } from '../../data/clock.ts'
import { formatCount } from '../../data/format.ts'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { LETTER_COLUMNS } from './letter-columns.tsx'
import { LetterDialog } from './letter-dialog.tsx'
import { LETTER_FILTERS, type LetterTarget, letterFilterOf } from './letter-filter.ts'
import { useLetters } from './use-letters.ts'

export default function DeadLettersScreen() {
  const [state, set] = useUrlState(LETTER_FILTERS)
  const filter = useMemo(() => letterFilterOf(state.text, nowMs()), [state])
  const { letters, hasNextPage, fetchNextPage, isFetchingNextPage, isPending, error, refetch } =
    useLetters(filter)
  const [, navigate] = useLocation()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [asking, setAsking] = useState<{ action: 'replay' | 'purge'; target: LetterTarget; about: string }>()
  const start = (action: 'replay' | 'purge') =>
    setAsking(
      selected.size > 0
        ? {
            action,
            target: { seqs: [...selected].map(Number) },
            about: selected.size === 1 ? 'the selected letter' : `${selected.size} selected letters`,
          }
        : {
            action,
            target: { filter: filter ?? {} },
            about: filter ? 'all letters of this filter' : 'all letters',
          },
    )
  const onRange = useCallback(
    (_first: number, last: number) => {
      if (hasNextPage && !isFetchingNextPage && last >= letters.length - 30) void fetchNextPage()
    },
    [hasNextPage, isFetchingNextPage, letters.length, fetchNextPage],
  )
  const where = selected.size > 0 ? `${selected.size}` : 'all'
  return (
    <div className="page fixed">
      <PageHeader
        title="Dead letters"
        meta={
          <>
            <span className="number">
              {formatCount(letters.length)}
              {hasNextPage ? '+' : ''} {letters.length === 1 ? 'step' : 'steps'} given up
            </span>
            <span className="not-phone">kept for 30 days</span>
          </>
        }
      >
        <button
          type="button"
          className="button"
          disabled={letters.length === 0}
          onClick={() => start('purge')}
        >
          <Icon name="x" /> Delete {where}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={letters.length === 0}
          onClick={() => start('replay')}
        >
          <Icon name="retry" /> Replay {where}
        </button>
      </PageHeader>
      <Filters state={state} set={set} />
      {error && <ErrorPanel problem={toProblemError(error)} onRetry={refetch} />}
      <DataTable<DeadLetter>
        label="Dead letters"
        columns={LETTER_COLUMNS}
        count={letters.length}
        rowAt={(index) => letters[index]}
        keyOf={({ seq }) => String(seq)}
        onRange={onRange}
        onOpen={({ seq }) => navigate(`/dead-letters/${seq}`)}
        selected={selected}
        onSelect={setSelected}
        empty={
          isPending ? (
            <span className="loading">Loading…</span>
          ) : (
            <EmptyState title={filter ? 'No letter is like that' : 'Nothing was given up'} icon="check">
              {filter
                ? 'Clear the filter to see all of them.'
                : 'Steps that take their process down again and again come here.'}
            </EmptyState>
          )
        }
      />
      {asking && (
        <LetterDialog
          {...asking}
          onClose={() => {
            setAsking(undefined)
            setSelected(new Set())
          }}
        />
      )}
    </div>
  )
}

function Filters({
  state,
  set,
}: {
  state: { text: (name: (typeof LETTER_FILTERS)[number]) => string | undefined }
  set: (change: Partial<Record<(typeof LETTER_FILTERS)[number], string | undefined>>) => void
}) {
  const fields = [
    ['agent', 'Agent'],
    ['type', 'Task type'],
    ['code', 'Error code'],
  ] as const
  return (
    <search className="row letter-filters">
      {fields.map(([name, label]) => (
        <input
          key={name}
          {...(name === 'agent' && { id: 'page-search' })}
          className="input"
          aria-label={label}
          placeholder={label}
          defaultValue={state.text(name) ?? ''}
          onChange={({ target }) => set({ [name]: target.value.trim() })}
        />
      ))}
      <select
        className="input"
        aria-label="Since"
        value={state.text('since') ?? ''}
        onChange={({ target }) => set({ since: target.value })}
      >
        <option value="">any time</option>
        <option value="1h">last hour</option>
        <option value="1d">last day</option>
        <option value="7d">last 7 days</option>
      </select>
    </search>
  )
}
