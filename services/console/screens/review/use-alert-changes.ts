import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Alert } from '#schemas/alert.ts'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { toProblemError } from '../../data/problem.ts'
import { type AlertVerb, changeAlerts, markNotThis, markReviewed } from '../inbox/alert-actions.ts'
import { reviewsOf } from '../inbox/inbox-items.ts'

const DONE = { acknowledge: 'acknowledged', resolve: 'resolved' } as const

/** What can be done about alerts; each says how it went. @returns of each whether it was done */
export function useAlertChanges(person: string) {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const run = async (tried: string, work: () => Promise<void>): Promise<boolean> => {
    setBusy(true)
    try {
      await work()
      return true
    } catch (error) {
      toastProblem(toProblemError(error), tried)
      return false
    } finally {
      setBusy(false)
      for (const key of ['inbox', 'alerts', 'reviews', 'review'])
        void client.invalidateQueries({ queryKey: [key] })
    }
  }
  const mark = (ids: readonly string[], reviewed: boolean): Promise<boolean> =>
    run(reviewed ? 'It was not marked as reviewed' : 'The mark was not taken back', async () => {
      if (ids.length === 0) return
      const count = await markReviewed(ids, person, reviewed)
      toast({
        title: `${count === 1 ? '1 item' : `${count} items`} ${reviewed ? 'reviewed' : 'to be reviewed again'}`,
        ...(reviewed && { undo: () => void mark(ids, false) }),
      })
    })
  return {
    busy,
    mark,
    markAlerts: (alerts: readonly Pick<Alert, 'review'>[], reviewed: boolean) =>
      mark(reviewsOf(alerts), reviewed),
    change: (verb: AlertVerb, alerts: readonly Alert[]) =>
      run(`Not ${DONE[verb]}`, async () => {
        const { done, failed } = await changeAlerts(verb, alerts, person)
        if (done > 0) toast({ title: `${done === 1 ? '1 alert' : `${done} alerts`} ${DONE[verb]}` })
        if (failed.length > 0)
          toast({
            tone: 'bad',
            title: `${failed.length === 1 ? '1 alert' : `${failed.length} alerts`} not ${DONE[verb]}`,
            detail: failed
              .slice(0, 3)
              .map(({ message }) => message)
              .join('; '),
          })
      }),
    notThis: (alert: Alert) =>
      run('It was not learned', async () => {
        await markNotThis(alert.id, person)
        await changeAlerts('resolve', [alert], person, 'not this')
        toast({ title: 'Learned', detail: 'What this is about raises no alert any more.' })
      }),
  }
}
