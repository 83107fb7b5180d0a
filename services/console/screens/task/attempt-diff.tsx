import { useState } from 'react'
import { ClockTime, Duration } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import type { AttemptRecord } from './attempts.ts'
import { diffLines } from './diff-lines.ts'
import { TextDiff } from './text-diff.tsx'

/** The attempts of a run, and what differs between two of them. */
export function AttemptDiff({ records }: { records: readonly AttemptRecord[] }) {
  const [pair, setPair] = useState<readonly [number, number]>()
  const [from, to] = pair ?? [Math.max(0, records.length - 2), records.length - 1]
  const lines = records.length > 1 ? diffLines(textOf(records[from]!), textOf(records[to]!)) : []
  const options = records.map(({ attempt }, index) => (
    <option key={attempt} value={index}>
      attempt {attempt}
    </option>
  ))
  return (
    <div className="stack">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">Outcome</th>
            <th scope="col">Queue</th>
            <th scope="col">Run</th>
            <th scope="col">Ended</th>
            <th scope="col">Instance</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.attempt}>
              <td>{record.attempt}</td>
              <td>
                {record.error ? (
                  <code className="code" title={record.error.message}>
                    {record.error.code}
                  </code>
                ) : (
                  <StatusBadge status={record.status ?? 'dispatched'} />
                )}
              </td>
              <td>
                {record.queuedAtMs !== undefined && record.startedAtMs !== undefined && (
                  <Duration fromMs={record.queuedAtMs} toMs={record.startedAtMs} />
                )}
              </td>
              <td>
                {record.startedAtMs !== undefined && (
                  <Duration fromMs={record.startedAtMs} toMs={record.finishedAtMs} />
                )}
              </td>
              <td>{record.finishedAtMs !== undefined && <ClockTime atMs={record.finishedAtMs} />}</td>
              <td className="mono">{record.instance}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {records.length > 1 && (
        <div className="stack">
          <div className="row">
            <span className="dim">What differs between</span>
            <select
              className="input"
              aria-label="From attempt"
              value={from}
              onChange={(event) => setPair([Number(event.target.value), to])}
            >
              {options}
            </select>
            <span className="dim">and</span>
            <select
              className="input"
              aria-label="To attempt"
              value={to}
              onChange={(event) => setPair([from, Number(event.target.value)])}
            >
              {options}
            </select>
          </div>
          <TextDiff lines={lines} />
        </div>
      )}
    </div>
  )
}

function textOf({ error, output, instance }: AttemptRecord): string {
  return JSON.stringify({ instance, ...(error ? { error } : { output }) }, null, 2)
}
