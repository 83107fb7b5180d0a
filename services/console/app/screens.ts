import type { ComponentType } from 'react'
import type { IconName } from '../components/icon.tsx'
import { Preloadable } from './preloadable.tsx'

/** A screen's component is the default export of its folder's main file; it gets the parameters of its path. */
export type ScreenModule = { default: ComponentType<{ params: Readonly<Record<string, string>> }> }

export interface Screen {
  /** A pattern of wouter: `/tasks/:id`. */
  readonly path: string
  readonly title: string
  readonly load: () => Promise<ScreenModule>
}

export interface NavRow {
  readonly to: string
  readonly label: string
  readonly icon: IconName
  readonly group: 'Work' | 'Video' | 'System'
  /** Typed after `g`. */
  readonly key: string
  /** Which of the counts of `use-badges.ts` stands beside it. */
  readonly badge?: 'inbox'
}

/** Every screen: one row here, one folder of its own, which is fetched when it is first shown. The first path that fits counts. */
export const SCREENS: readonly Screen[] = [
  { path: '/', title: 'Tasks', load: () => import('../screens/tasks/tasks-screen.tsx') },
  { path: '/tasks', title: 'Tasks', load: () => import('../screens/tasks/tasks-screen.tsx') },
  { path: '/tasks/:id', title: 'Task', load: () => import('../screens/task/task-screen.tsx') },
  { path: '/inbox', title: 'Inbox', load: () => import('../screens/inbox/inbox-screen.tsx') },
  { path: '/cameras', title: 'Cameras', load: () => import('../screens/cameras/cameras-screen.tsx') },
  {
    path: '/cameras/:id/rules',
    title: 'Zones and rules',
    load: () => import('../screens/rules/rules-screen.tsx'),
  },
  { path: '/cameras/:id', title: 'Camera', load: () => import('../screens/cameras/camera-screen.tsx') },
  { path: '/review', title: 'Review', load: () => import('../screens/review/review-screen.tsx') },
  { path: '/submit', title: 'Submit', load: () => import('../screens/submit/submit-screen.tsx') },
  { path: '/agents', title: 'Agents', load: () => import('../screens/agents/agents-screen.tsx') },
  { path: '/queues', title: 'Queues', load: () => import('../screens/queues/queues-screen.tsx') },
  {
    path: '/dead-letters',
    title: 'Dead letters',
    load: () => import('../screens/dead-letters/dead-letters-screen.tsx'),
  },
  {
    path: '/dead-letters/:seq',
    title: 'Dead letter',
    load: () => import('../screens/dead-letters/letter-screen.tsx'),
  },
  { path: '/schedules', title: 'Schedules', load: () => import('../screens/schedules/schedules-screen.tsx') },
  {
    path: '/schedules/:name',
    title: 'Schedule',
    load: () => import('../screens/schedules/schedule-screen.tsx'),
  },
  { path: '/system', title: 'System', load: () => import('../screens/system/system-screen.tsx') },
  { path: '/tasks/:id/report', title: 'Report', load: () => import('../screens/report/report-screen.tsx') },
]

/** What stands in the navigation, in its order. */
export const NAVIGATION: readonly NavRow[] = [
  { to: '/tasks', label: 'Tasks', icon: 'list', group: 'Work', key: 't' },
  { to: '/submit', label: 'Submit', icon: 'plus', group: 'Work', key: 'n' },
  { to: '/inbox', label: 'Inbox', icon: 'inbox', group: 'Work', key: 'i', badge: 'inbox' },
  { to: '/schedules', label: 'Schedules', icon: 'calendar', group: 'Work', key: 'e' },
  { to: '/cameras', label: 'Cameras', icon: 'camera', group: 'Video', key: 'c' },
  { to: '/review', label: 'Review', icon: 'film', group: 'Video', key: 'r' },
  { to: '/agents', label: 'Agents', icon: 'agents', group: 'System', key: 'a' },
  { to: '/queues', label: 'Queues', icon: 'queue', group: 'System', key: 'q' },
  { to: '/dead-letters', label: 'Dead letters', icon: 'alert', group: 'System', key: 'd' },
  { to: '/system', label: 'System', icon: 'gauge', group: 'System', key: 's' },
]

/** Each with its component, made once: a new one each time would forget its state. */
export const LAZY_SCREENS = SCREENS.map((screen) => ({ ...screen, lazy: new Preloadable(screen.load) }))

/** Fetches what a path shows. Resolves when it is there, or can not be had. */
export async function preloadScreen(path: string): Promise<void> {
  const screen = LAZY_SCREENS.find((each) => patternOf(each.path).test(path))
  await screen?.lazy.preload()
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`)
}
