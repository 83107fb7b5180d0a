import { useState } from 'react'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { nowMs } from '../../data/clock.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { localMoment, readMoment } from './bookmarks.ts'
import { useBookmarkChanges } from './use-bookmarks.ts'

/** What is bookmarked; `moment`: a camera, of which the moment is chosen here. */
export type BookmarkTarget =
  | { readonly alert: string; readonly name: string }
  | { readonly review: string; readonly name: string }
  | {
      readonly moment: true
      readonly cameras: readonly string[]
      readonly camera?: string | undefined
      readonly atMs?: number | undefined
    }

/** Keeps something to be found again, with a note. */
export function BookmarkDialog({
  target,
  person,
  onClose,
}: {
  target: BookmarkTarget
  person: string
  onClose: () => void
}) {
  const isMoment = 'moment' in target
  const [note, setNote] = useState('')
  const [camera, setCamera] = useState(isMoment ? (target.camera ?? target.cameras[0] ?? '') : '')
  const [moment, setMoment] = useState(() => localMoment((isMoment && target.atMs) || nowMs()))
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const { add } = useBookmarkChanges(person)
  const atMs = readMoment(moment)
  const what = isMoment
    ? { camera, ...(atMs !== undefined && { atMs }) }
    : 'alert' in target
      ? { alert: target.alert }
      : { review: target.review }
  const body = { ...what, ...(note.trim() && { note: note.trim() }) }
  const isReady = !isMoment || (camera !== '' && atMs !== undefined)
  const save = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await add(body)
      onClose()
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={isMoment ? 'Bookmark a moment' : `Bookmark ${target.name}`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {isMoment && (
          <>
            <label className="field">
              <span>Camera</span>
              <input
                list="bookmark-cameras"
                required
                maxLength={64}
                value={camera}
                onChange={(event) => setCamera(event.target.value)}
              />
              <datalist id="bookmark-cameras">
                {target.cameras.map((each) => (
                  <option key={each} value={each} />
                ))}
              </datalist>
            </label>
            <label className="field">
              <span>Moment</span>
              <input
                type="datetime-local"
                step={1}
                required
                value={moment}
                onChange={(event) => setMoment(event.target.value)}
              />
            </label>
          </>
        )}
        <label className="field">
          <span>Note (optional)</span>
          <textarea rows={3} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        <p className="dim">Everybody sees it, with your name. It is kept for 30 days.</p>
        {problem && <ErrorPanel problem={problem} />}
        <AsCommand
          action={{
            murmur: [
              ...['bookmarks', 'add'],
              ...(isMoment
                ? [camera, '--at', new Date(atMs ?? 0).toISOString()]
                : ['alert' in target ? target.alert : target.review]),
              ...(note.trim() ? ['--note', note.trim()] : []),
            ],
            rest: { method: 'POST', path: '/v1/bookmarks', body: { ...body, by: person } },
            nats: { subject: 'murmur.bookmarks.add', body: { ...body, by: person } },
          }}
        />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" className="button primary" disabled={busy || !isReady}>
            Bookmark
          </button>
        </div>
      </form>
    </Dialog>
  )
}
