import { api, nextOf } from './jetstream-api.ts'
import { type Catalogue, SERVICES, TENANT_SERVICES } from './operations.ts'
import { type Permissions, QUEUE_WANTED, services, settle } from './permission.ts'
import { ALERT_SINKS, CAMERA_EVENTS_CONSUMER, STREAMS } from './streams.ts'
import { SUBJECTS } from './subjects.ts'

const { stream: CAMERA_EVENTS, name: ALERTING_QUEUE } = CAMERA_EVENTS_CONSUMER
const SINK_QUEUES = ALERT_SINKS.map((sink) => `sink-${sink}`)

/** What the agents of live video do beside their steps. */
export const videoExtras = (catalogue: Catalogue): Readonly<Record<string, Permissions | undefined>> => ({
  capture: {
    answers: true,
    publish: [
      QUEUE_WANTED,
      { subject: SUBJECTS.framesAll, why: 'pictures for the detectors of a release before' },
      { subject: SUBJECTS.framesOfModelAll('*'), why: 'pictures for the detectors of a model' },
      { subject: SUBJECTS.cameraStateAll, why: 'says every second how its camera is', isTold: true },
      { subject: SUBJECTS.gatedFramesAll, why: 'says in which frames nothing has moved', isTold: true },
      { subject: SUBJECTS.cameraEventsAll, why: 'tells alerting that a camera is away' },
      { subject: SERVICES.detectionInfo, why: 'asks which sizes detectors take' },
      { subject: SERVICES.detectionModels, why: 'asks which models there are' },
      { subject: SUBJECTS.detectionModelAll, why: 'asks for the model that its monitor needs' },
      { subject: 'monitors.*.ready', why: 'waits for the tracker of its monitor' },
      { subject: SUBJECTS.recordingStoresAll, why: 'says that it has recordings', isTold: true },
      { subject: SUBJECTS.recordingAsksAll, why: 'asks other nodes for what they have recorded' },
    ],
    subscribe: [
      { subject: SUBJECTS.detectionsAll, why: 'keeps what was seen beside the recording' },
      { subject: SUBJECTS.gatedFramesAll, why: 'keeps where nothing moved beside it' },
      { subject: SUBJECTS.cameraEventsAll, why: 'keeps recordings around events for longer' },
      { subject: SUBJECTS.recordingStoresAll, why: 'knows which other nodes have recordings' },
      { subject: SUBJECTS.recordingAsksAll, why: 'gives other nodes what it has recorded', isServed: true },
      ...services('recorder', catalogue),
      { subject: SUBJECTS.tracksAll, why: 'draws what was seen, and knows which frames came back' },
      { subject: 'monitors.*.stop', why: 'ends in order when it is asked to', isServed: true },
      { subject: 'monitors.*.snapshot', why: 'gives a frame as a picture', isServed: true },
    ],
  },
  tracking: {
    answers: true,
    publish: [
      { subject: SUBJECTS.tracksAll, why: 'tells the state of its camera after each frame', isTold: true },
      { subject: SUBJECTS.cameraEventsAll, why: 'tells alerting that a rule came true' },
      { subject: SERVICES.detectionInfo, why: 'asks what detectors can see' },
      { subject: SUBJECTS.detectionModelAll, why: 'asks what the model of its monitor believes' },
      { subject: SERVICES.getTask, why: 'asks whether its capture has ended' },
      { subject: TENANT_SERVICES.all(SERVICES.getTask), why: 'the same for other tenants' },
      {
        subject: SERVICES.listFalsePositives,
        why: 'asks what its camera takes for something that it is not',
      },
      { subject: TENANT_SERVICES.all(SERVICES.listFalsePositives), why: 'the same for other tenants' },
    ],
    subscribe: [
      { subject: SUBJECTS.falsePositivesAll, why: 'hears when that changes' },
      { subject: SUBJECTS.detectionsAll, why: 'what was seen in each frame' },
      { subject: SUBJECTS.gatedFramesAll, why: 'in which frames nothing has moved' },
      { subject: SUBJECTS.cameraStateAll, why: 'how its camera is' },
      { subject: 'monitors.*.ready', why: 'says that it listens', isServed: true },
    ],
  },
  'rules-replay': {
    publish: [{ subject: SERVICES.readDetections, why: 'reads what was seen, to run rules over it' }],
    subscribe: [],
  },
  alerting: {
    answers: true,
    publish: [
      QUEUE_WANTED,
      { subject: nextOf(CAMERA_EVENTS, ALERTING_QUEUE), why: 'takes camera events' },
      ...settle(CAMERA_EVENTS, ALERTING_QUEUE),
      {
        subject: api(`CONSUMER.INFO.${CAMERA_EVENTS}.${ALERTING_QUEUE}`),
        why: 'knows when all events are dealt with',
      },
      {
        subject: api(`STREAM.MSG.GET.${STREAMS.alerts.name}`),
        why: 'makes the history again from the stream',
      },
      ...SINK_QUEUES.map((queue) => ({
        subject: nextOf(STREAMS.alerts.name, queue),
        why: 'sends alerts on',
      })),
      ...SINK_QUEUES.flatMap((queue) => settle(STREAMS.alerts.name, queue)),
      { subject: SUBJECTS.alertsAll, why: 'raises alerts' },
      { subject: SUBJECTS.alertChangesAll, why: 'tells what becomes of them' },
      { subject: SUBJECTS.falsePositivesAll, why: 'keeps what cameras take for something that it is not' },
      { subject: api(`STREAM.MSG.GET.${STREAMS.policies.name}`), why: 'reads that' },
      { subject: 'monitors.*.snapshot', why: 'asks for the picture that belongs to an alert' },
      { subject: SERVICES.getTask, why: 'asks whose task a monitor is, and whether it still runs' },
      { subject: TENANT_SERVICES.all(SERVICES.getTask), why: 'the same for other tenants' },
    ],
    subscribe: services('alerting', catalogue),
  },
})
