/** Line icons of our own, 16 by 16, drawn in the colour of the text. */
const PATHS = {
  list: 'M5.500 4h8M5.500 8h8M5.500 12h8M2.500 4h.01M2.500 8h.01M2.500 12h.01',
  plus: 'M8 3v10M3 8h10',
  menu: 'M2.500 4.500h11M2.500 8h11M2.500 11.500h11',
  search: 'M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM10.300 10.300 13.500 13.500',
  keyboard: 'M1.500 4.500h13v7h-13zM4 7h.01M6.500 7h.01M9 7h.01M11.500 7h.01M5 9.500h6',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M3.400 12.600l1.100-1.100M11.500 4.500l1.100-1.100',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500Z',
  contrast: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5h4.500M8 8h6M8 11h4.500',
  'sign-out': 'M6 2.500H3v11h3M10.500 11 13.500 8l-3-3M13.500 8H6',
  'chevron-left': 'M10 3.500 5.500 8l4.500 4.500',
  'chevron-right': 'M6 3.500 10.500 8 6 12.500',
  'chevron-down': 'M3.500 6 8 10.500 12.500 6',
  check: 'M3 8.500 6.500 12 13 4.500',
  x: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.500V8l2.500 1.500',
  play: 'M4.500 3v10l8-5z',
  pause: 'M5 3v10M11 3v10',
  stop: 'M4 4h8v8H4z',
  retry: 'M13 4v3.500H9.500M12.700 7.500A5 5 0 1 0 12 11',
  copy: 'M5.500 5.500h8v8h-8zM2.500 10.500v-8h8',
  file: 'M4 1.500h5l3.500 3.500v9.500H4zM9 1.500V5h3.500',
  terminal: 'M2 3h12v10H2zM4.500 6l2 2-2 2M8 10h3.500',
  alert: 'M8 2 14.500 13.500h-13zM8 6.500V10M8 12h.01',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.500V11M8 5h.01',
  undo: 'M6 3 2.500 6.500 6 10M2.500 6.500H9a4 4 0 0 1 0 8H6',
  dots: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  external: 'M9 2.500h4.500V7M13.500 2.500 7.500 8.500M11.500 9.500v4h-9v-9h4',
  inbox: 'M2 9.500 4 3h8l2 6.500V13H2zM2 9.500h3.500l1 2h3l1-2H14',
  camera: 'M1.500 4.500h9v7h-9zM10.500 7l4-2v6l-4-2',
  shield: 'M8 1.500 13.500 3.500V8c0 3-2.500 5.500-5.500 6.500C5 13.500 2.500 11 2.500 8V3.500z',
  agents:
    'M5.500 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM1.500 13.500c0-2.500 1.700-4 4-4s4 1.500 4 4M11 7.500a2 2 0 1 0 0-4M11.500 9.500c1.900.3 3 1.800 3 4',
  queue: 'M2 3.500h12v3H2zM2 9.500h12v3H2z',
  calendar: 'M2.500 3.500h11v10h-11zM2.500 6.500h11M5.500 2v3M10.500 2v3',
  gauge: 'M2 12a6 6 0 1 1 12 0M8 11l3-4',
  graph:
    'M4 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM4 6v2.500c0 2 1.500 3.500 3.500 3.500H10',
  filter: 'M2 3h12L9.500 8.500V13l-3-1.500v-3z',
  star: 'M8 2l1.800 3.800 4.200.5-3.100 2.900.8 4.100L8 11.300l-3.700 2 .8-4.100L2 6.300l4.200-.5z',
  eye: 'M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM6.500 13.500h3',
  draw: 'M2.500 13.500 3 10.500 10.500 3 13 5.500 5.500 13z',
  film: 'M2 3h12v10H2zM5 3v10M11 3v10M2 8h12',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
