import t from 'tap'
import { CAMERA_VIEW_STATUSES, cameraViewExample } from '#schemas/camera-view.ts'
import {
  CAMERA_STATUSES,
  countByStatus,
  wallCameras,
} from '../../../../services/console/screens/cameras/wall-cameras.ts'

const view = (camera: string, monitor: string, status: (typeof CAMERA_VIEW_STATUSES)[number]) => ({
  ...cameraViewExample,
  ...{ camera, monitor, status },
})

t.test('one place for each camera: of two tasks that which has pictures', async (t) => {
  const views = [view('yard', 'm1', 'waiting'), view('gate', 'm2', 'offline'), view('yard', 'm3', 'live')]
  t.strictSame(
    wallCameras(views).map(({ camera, monitor }) => [camera, monitor]),
    [
      ['yard', 'm3'],
      ['gate', 'm2'],
    ],
  )
  t.strictSame(wallCameras(views.toReversed())[0]?.monitor, 'm3', 'in whatever order')
})

t.test('every state has its place, and is counted where a camera is in it', async (t) => {
  t.strictSame([...CAMERA_STATUSES].sort(), [...CAMERA_VIEW_STATUSES].sort())
  t.strictSame(countByStatus([view('a', '1', 'blind'), view('b', '2', 'live'), view('c', '3', 'blind')]), [
    ['live', 1],
    ['blind', 2],
  ])
})
