import { proxyActivities } from '@temporalio/workflow'

// A limit has to be set: a minute is what the samples of the documentation have.
const activitiesWith = (more) => proxyActivities({ startToCloseTimeout: '1 minute', ...more })
const byDefault = activitiesWith({})
const tuned = activitiesWith({
  heartbeatTimeout: '4 seconds',
  retry: { initialInterval: '100 milliseconds' },
})

export async function chain(input, isTuned) {
  const { a, b, c } = isTuned ? tuned : byDefault
  return c(await b(await a(input)))
}
