import './tasks.css'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { TaskSummary } from '#schemas/task.ts'
import { isTyping } from '../../app/shortcuts.ts'
import { DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ClockTime } from '../../components/relative-time.tsx'
import { nowMs } from '../../data/clock.ts'
import { formatCount } from '../../data/format.ts'
import { useUrlState } from '../../data/url-state.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import type { BulkTarget } from './change-many.ts'
import { FilterBar } from './filter-bar.tsx'
import { TASK_COLUMNS } from './task-columns.tsx'
import { actionsFor, type BulkAction, bulkFilterOf, FILTER_NAMES, filterOf } from './task-filter.ts'
import { useTaskList } from './use-task-list.ts'
import { ViewTabs } from './view-tabs.tsx'

const ACTIONS: readonly [action: BulkAction, label: string, icon: 'stop' | 'pause' | 'play' | 'retry'][] = [
  ['cancel', 'Cancel', 'stop'],
  ['pause', 'Pause', 'pause'],
  ['resume', 'Resume', 'play'],
  ['retry', 'Retry', 'retry'],
]

export default function TasksScreen() {
  const [state, set] = useUrlState(FILTER_NAMES)
  const filter = useMemo(() => filterOf(state), [state])
  const list = useTaskList(filter)
  const { rows, version } = list
  const [, navigate] = useLocation()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [bulk, setBulk] = useState<{ action: BulkAction; target: BulkTarget; about: string }>()
  useSlashKey()

  const count = rows.length
  const rowAt = useCallback((index: number) => rows.at(index), [rows])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when the rows have changed
  const types = useMemo(() => typesIn(rows.length, (at) => rows.at(at)), [rows, version])
  const filterTarget = bulkFilterOf(filter, nowMs())
  const isFiltered = filterTarget !== undefined
  const searchedTo = list.searchedToMs !== undefined && !rows.isComplete && (
    <>
      back to <ClockTime atMs={list.searchedToMs} />
    </>
  )

  const start = (action: BulkAction) => {
    if (selected.size > 0) {
      setBulk({ action, target: { taskIds: [...selected] }, about: count1(selected.size, 'selected task') })
    } else if (filterTarget)
      setBulk({ action, target: { filter: filterTarget }, about: 'all tasks of this filter' })
  }
  const canAct = selected.size > 0 || isFiltered
  const possible = filter.status ? actionsFor(filter.status) : ACTIONS.map(([action]) => action)

  return (
    <div className="page fixed">
      <PageHeader
        title="Tasks"
        meta={
          <>
            <span className="number">
              {`${formatCount(rows.known)}${rows.isComplete ? '' : '+'} ${rows.known === 1 ? 'task' : 'tasks'}`}
              {filter.text !== undefined && ' found'}
            </span>
            {filter.text !== undefined && (
              <span>{searchedTo ? <>searched {searchedTo}</> : rows.isComplete && 'searched all'}</span>
            )}
            {list.live === 'broken' && <span>shown as they were: reconnecting</span>}
          </>
        }
      >
        {ACTIONS.map(([action, label, icon]) => (
          <button
            key={action}
            type="button"
            className="button"
            disabled={!canAct || (selected.size === 0 && !possible.includes(action))}
            title={
              canAct
                ? `${label} ${selected.size > 0 ? 'the selected tasks' : 'all tasks of this filter'}`
                : 'Select tasks, or set a filter, first'
            }
            onClick={() => start(action)}
          >
            <Icon name={icon} />
            <span className="not-narrow">{label}</span>
          </button>
        ))}
        <Link href="/submit" className="button primary">
          <Icon name="plus" /> Submit
        </Link>
      </PageHeader>
      <ViewTabs />
      <FilterBar filter={filter} set={set} types={types} />
      {list.problem && rows.isEmpty && <ErrorPanel problem={list.problem} onRetry={list.loadMore} />}
      <DataTable<TaskSummary>
        label="Tasks"
        columns={TASK_COLUMNS}
        count={count}
        rowAt={rowAt}
        keyOf={({ id }) => id}
        onRange={list.onRange}
        onOpen={({ id }) => navigate(`/tasks/${id}`)}
        selected={selected}
        onSelect={setSelected}
        empty={
          list.isLoading || (!rows.isComplete && !isFiltered) ? (
            <span className="loading">{isFiltered ? <>Searching… {searchedTo}</> : 'Loading…'}</span>
          ) : (
            <EmptyState title={isFiltered ? 'No task is like that' : 'No tasks yet'} icon="list">
              {isFiltered ? (
                <>
                  {!rows.isComplete && (
                    <>
                      Looked at those {searchedTo || 'that are newest'}.{' '}
                      <button type="button" className="link" onClick={list.loadMore}>
                        Look further
                      </button>{' '}
                      or{' '}
                    </>
                  )}
                  <button
                    type="button"
                    className="link"
                    onClick={() => set({ status: '', type: '', label: [], from: '', before: '', q: '' })}
                  >
                    {rows.isComplete ? 'Clear the filter' : 'clear the filter'}
                  </button>
                </>
              ) : (
                <>
                  <Link href="/submit">Submit one</Link>, or run <code>murmur submit</code>.
                </>
              )}
            </EmptyState>
          )
        }
        footer={
          isFiltered && !rows.isEndKnown && rows.length > 0 ? (
            <button type="button" className="link" onClick={list.loadMore} disabled={list.isLoading}>
              {list.isLoading ? 'Searching…' : 'Look in older tasks, too'}
            </button>
          ) : undefined
        }
      />
      {selected.size > 0 && (
        <div className="selection" role="status">
          {count1(selected.size, 'task')} selected
          <button type="button" className="button small" onClick={() => setSelected(new Set())}>
            Clear
          </button>
        </div>
      )}
      {bulk && (
        <BulkDialog
          {...bulk}
          onClose={() => {
            setBulk(undefined)
            setSelected(new Set())
          }}
        />
      )}
    </div>
  )
}

/** So many rows are read for the types that can be chosen. */
const MAX_SAMPLE = 1000

function typesIn(length: number, at: (index: number) => TaskSummary | undefined): string[] {
  const types = new Set<string>()
  for (let index = 0; index < Math.min(length, MAX_SAMPLE); index++) {
    const row = at(index)
    if (row) types.add(row.type)
  }
  return [...types].sort()
}

function count1(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `/` goes into the search of the page. */
function useSlashKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      event.preventDefault()
      document.getElementById('page-search')?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
