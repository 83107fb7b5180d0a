import t from 'tap'
import { detectorInfoExample, type ModelAnswer } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { findBlindness } from '../../../../../services/agents/video/capture/publish/find-blindness.ts'
import { openBus } from '../../../../support/bus.ts'
import { withServers } from '../../../../support/servers.ts'

t.test('who is in the way is found by asking', async (t) => {
  const servers = await withServers(t)
  const [bus, other] = await Promise.all([openBus(t, servers.natsUrl), openBus(t, servers.natsUrl)])
  const find = (isOutletOpen = true) =>
    findBlindness({ bus, monitor: 'm1', model: 'yolox-nano', isOutletOpen: () => isOutletOpen })
  t.match(await find(false), /can't be sent/)
  t.match(await find(), /no detector of yolox-nano answers/)
  let answer: ModelAnswer = { model: 'yolox-nano', state: 'preparing', note: 'fetching yolox-nano: 40 %' }
  const end = other.serveSubject(SUBJECTS.detectionModel('yolox-nano'), () => answer, { queue: 'detectors' })
  t.teardown(end)
  await other.flush()
  t.match(await find(), /yolox-nano is preparing: fetching yolox-nano: 40 %/)
  answer = {
    model: 'yolox-nano',
    state: 'ready',
    info: { ...detectorInfoExample, instance: 'd1', busyMs: 9000 },
  }
  t.match(await find(), /network of detector d1 has worked on one picture for 9 s: it hangs/)
  answer = { ...answer, info: { ...detectorInfoExample, instance: 'd1', busyMs: 20 } }
  t.match(await find(), /tracking of this monitor does not answer/)
  t.teardown(other.serveSubject(SUBJECTS.monitorReady('m1'), () => ({ ready: true }), { queue: 'tracker' }))
  await other.flush()
  t.match(await find(), /detector \(d1, yolox-nano\) and tracking answer/)
})
