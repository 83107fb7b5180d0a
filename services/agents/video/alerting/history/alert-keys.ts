/** All keys share a hash tag: one script writes an alert, its cooldown and the indexes, on one node of a cluster. */
const ROOT = 'murmur:{alerts}'
export const ALERT_KEYS = {
  marker: `${ROOT}:complete`,
  server: `${ROOT}:server`,
  alertPrefix: `${ROOT}:alert:`,
  alert: (id: string) => `${ROOT}:alert:${id}`,
  cooldown: (subject: string) => `${ROOT}:cooldown:${subject}`,
  event: (event: string) => `${ROOT}:event:${event}`,
  byTime: `${ROOT}:by-time`,
  statusPrefix: `${ROOT}:status:`,
  status: (status: string) => `${ROOT}:status:${status}`,
  falsePositive: (tenant: string, id: string) => `${ROOT}:false-positive:${tenant}:${id}`,
  monitor: (monitor: string) => `${ROOT}:monitor:${monitor}`,
  monitorEvents: (monitor: string) => `${ROOT}:monitor-events:${monitor}`,
  /** Of one state of a camera (hash): its last alert, and the last end that was heard of. */
  incident: (state: string) => `${ROOT}:incident:${state}`,
  /** Alerts whose incident is not closed (zset), by when it will be; `+inf` while it goes on. */
  incidents: `${ROOT}:incidents`,
  /** Alerts of incidents with a change that is not known to be in the stream (zset), by when it was made. */
  untold: `${ROOT}:untold`,
  /** The review item (hash), its alerts by time (zset), and who has reviewed it (hash: person, time). */
  reviewPrefix: `${ROOT}:review:`,
  review: (id: string) => `${ROOT}:review:${id}`,
  reviewAlertsPrefix: `${ROOT}:review-alerts:`,
  reviewAlerts: (id: string) => `${ROOT}:review-alerts:${id}`,
  reviewMarks: (id: string) => `${ROOT}:review-marks:${id}`,
  /** The item that an alert was given (string), for as long as its event may come again. */
  reviewOf: (id: string) => `${ROOT}:review-of:${id}`,
  /** The last item of a camera (string), and all items of a tenant by time (zset). */
  lastReview: (tenant: string, camera: string) => `${ROOT}:last-review:${tenant}:${camera}`,
  reviews: (tenant: string) => `${ROOT}:reviews:${tenant}`,
  /** Snoozes of a tenant (hash: id, JSON). */
  snoozes: (tenant: string) => `${ROOT}:snoozes:${tenant}`,
  /** Bookmarks of a tenant (hash: id, JSON). */
  bookmarks: (tenant: string) => `${ROOT}:bookmarks:${tenant}`,
} as const
