import type { Alert, ChangeAlertRequest, ListAlertsRequest, ListAlertsResponse } from '#schemas/alert.ts'
import type { Bookmark } from '#schemas/bookmark.ts'
import type { FrameMarks } from '#schemas/camera.ts'
import type { ListCamerasRequest, ListCamerasResponse } from '#schemas/camera-view.ts'
import type { OfferedModel } from '#schemas/detection.ts'
import type {
  FalsePositive,
  ListFalsePositivesRequest,
  ListFalsePositivesResponse,
  MarkFalsePositiveRequest,
} from '#schemas/false-positive.ts'
import type { Snooze } from '#schemas/snooze.ts'
import type { RequestInput, ResponseOf } from '#subjects/operations.ts'
import type { AlertListener, CameraListener, CameraListening, Transport } from './transport.ts'

/** As a command makes it: the service adds its defaults. */
export type AlertQuery = Partial<ListAlertsRequest>

/** Cameras, monitors and alerts as a command uses them. */
export interface VideoClient {
  /** From now on, whichever monitor it is of. */
  listen(camera: string, listener: CameraListener): Promise<CameraListening>
  /** Alerts of all cameras, from when it resolves. @param onFault told when it can't go on. @returns a function that ends it */
  onAlerts(listener: AlertListener, onFault: (error: unknown) => void): Promise<() => void>
  /** Asks the capture of a monitor to end in order. @throws MurmurError UNAVAILABLE when it is not captured now */
  stop(taskId: string): Promise<void>
  /** The newest picture of a monitored camera, as JPEG. @throws MurmurError UNAVAILABLE, TASK_STATE_CONFLICT when there is none now */
  frame(taskId: string, marks: FrameMarks): Promise<Uint8Array>
  /** Every camera that is to be watched, as it stands. */
  cameras(request: ListCamerasRequest): Promise<ListCamerasResponse>
  /** The models of a detector; undefined when none answers, or can't be asked from here. */
  models(): Promise<OfferedModel[] | undefined>
  /** @throws MurmurError ALERT_NOT_FOUND */
  alert(id: string): Promise<Alert>
  alerts(request: AlertQuery): Promise<ListAlertsResponse>
  changeAlert(request: ChangeAlertRequest): Promise<Alert>
  /** Single ones, or a page of those that a filter finds. */
  changeAlerts(request: RequestInput<'changeAlerts'>): Promise<ResponseOf<'changeAlerts'>>
  reviews(request: RequestInput<'listReviews'>): Promise<ResponseOf<'listReviews'>>
  /** @throws MurmurError REVIEW_NOT_FOUND */
  review(id: string): Promise<ResponseOf<'getReview'>>
  markReviews(request: RequestInput<'markReviews'>): Promise<ResponseOf<'markReviews'>>
  addSnooze(request: RequestInput<'addSnooze'>): Promise<Snooze>
  snoozes(request: RequestInput<'listSnoozes'>): Promise<Snooze[]>
  /** @throws MurmurError SNOOZE_NOT_FOUND */
  endSnooze(request: RequestInput<'endSnooze'>): Promise<Snooze>
  /** @throws MurmurError ALERT_NOT_FOUND, REVIEW_NOT_FOUND, LIMIT_EXCEEDED */
  addBookmark(request: RequestInput<'addBookmark'>): Promise<Bookmark>
  bookmarks(request: RequestInput<'listBookmarks'>): Promise<ResponseOf<'listBookmarks'>>
  /** @throws MurmurError BOOKMARK_NOT_FOUND */
  removeBookmark(request: RequestInput<'removeBookmark'>): Promise<Bookmark>
  /** @throws MurmurError ALERT_NOT_FOUND, INVALID_REQUEST (no single object), LIMIT_EXCEEDED */
  markFalsePositive(request: MarkFalsePositiveRequest): Promise<FalsePositive>
  falsePositives(request: ListFalsePositivesRequest): Promise<ListFalsePositivesResponse>
  /** @throws MurmurError FALSE_POSITIVE_NOT_FOUND */
  removeFalsePositive(id: string): Promise<FalsePositive>
}

/** Over any transport. */
export function videoOver(transport: Transport): VideoClient {
  return {
    listen: (camera, listener) => transport.watchCamera(camera, listener),
    onAlerts: (listener, onFault) => transport.watchAlerts(listener, onFault),
    stop: (taskId) => transport.stopMonitor(taskId),
    frame: (taskId, marks) => transport.monitorFrame(taskId, marks),
    cameras: (request) => transport.call('listCameras', request),
    models: async () => (await transport.detectorModels?.().catch(() => undefined))?.models,
    alert: async (id) => (await transport.call('getAlert', { id })).alert,
    alerts: (request) => transport.call('listAlerts', request),
    changeAlert: async (request) => (await transport.call('changeAlert', request)).alert,
    changeAlerts: (request) => transport.call('changeAlerts', request),
    reviews: (request) => transport.call('listReviews', request),
    review: (id) => transport.call('getReview', { id }),
    markReviews: (request) => transport.call('markReviews', request),
    addSnooze: async (request) => (await transport.call('addSnooze', request)).snooze,
    snoozes: async (request) => (await transport.call('listSnoozes', request)).snoozes,
    endSnooze: async (request) => (await transport.call('endSnooze', request)).snooze,
    addBookmark: async (request) => (await transport.call('addBookmark', request)).bookmark,
    bookmarks: (request) => transport.call('listBookmarks', request),
    removeBookmark: async (request) => (await transport.call('removeBookmark', request)).bookmark,
    markFalsePositive: async (request) => (await transport.call('markFalsePositive', request)).falsePositive,
    falsePositives: (request) => transport.call('listFalsePositives', request),
    removeFalsePositive: async (id) => (await transport.call('removeFalsePositive', { id })).falsePositive,
  }
}
