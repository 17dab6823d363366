import Activity from 'lucide/dist/esm/icons/activity.mjs'
import ArrowDown from 'lucide/dist/esm/icons/arrow-down.mjs'
import ArrowUp from 'lucide/dist/esm/icons/arrow-up.mjs'
import Bell from 'lucide/dist/esm/icons/bell.mjs'
import Calendar from 'lucide/dist/esm/icons/calendar.mjs'
import Check from 'lucide/dist/esm/icons/check.mjs'
import ChevronLeft from 'lucide/dist/esm/icons/chevron-left.mjs'
import ChevronRight from 'lucide/dist/esm/icons/chevron-right.mjs'
import CircleAlert from 'lucide/dist/esm/icons/circle-alert.mjs'
import CircleCheck from 'lucide/dist/esm/icons/circle-check.mjs'
import ClipboardList from 'lucide/dist/esm/icons/clipboard-list.mjs'
import Clock from 'lucide/dist/esm/icons/clock.mjs'
import Copy from 'lucide/dist/esm/icons/copy.mjs'
import Download from 'lucide/dist/esm/icons/download.mjs'
import Eye from 'lucide/dist/esm/icons/eye.mjs'
import FileText from 'lucide/dist/esm/icons/file-text.mjs'
import FlaskConical from 'lucide/dist/esm/icons/flask-conical.mjs'
import HeartPulse from 'lucide/dist/esm/icons/heart-pulse.mjs'
import House from 'lucide/dist/esm/icons/house.mjs'
import Info from 'lucide/dist/esm/icons/info.mjs'
import KeyRound from 'lucide/dist/esm/icons/key-round.mjs'
import ListChecks from 'lucide/dist/esm/icons/list-checks.mjs'
import Lock from 'lucide/dist/esm/icons/lock.mjs'
import LogOut from 'lucide/dist/esm/icons/log-out.mjs'
import Menu from 'lucide/dist/esm/icons/menu.mjs'
import MonitorSmartphone from 'lucide/dist/esm/icons/monitor-smartphone.mjs'
import NotebookPen from 'lucide/dist/esm/icons/notebook-pen.mjs'
import Phone from 'lucide/dist/esm/icons/phone.mjs'
import Pill from 'lucide/dist/esm/icons/pill.mjs'
import Printer from 'lucide/dist/esm/icons/printer.mjs'
import Receipt from 'lucide/dist/esm/icons/receipt.mjs'
import Search from 'lucide/dist/esm/icons/search.mjs'
import ShieldCheck from 'lucide/dist/esm/icons/shield-check.mjs'
import Syringe from 'lucide/dist/esm/icons/syringe.mjs'
import TriangleAlert from 'lucide/dist/esm/icons/triangle-alert.mjs'
import UserPlus from 'lucide/dist/esm/icons/user-plus.mjs'
import Users from 'lucide/dist/esm/icons/users.mjs'
import { Drawing } from './drawing.tsx'

// One import each: the package's index would bring fifteen hundred of them along.
const icons = {
  activity: Activity,
  'arrow-down': ArrowDown,
  'arrow-up': ArrowUp,
  bell: Bell,
  calendar: Calendar,
  check: Check,
  'chevron-left': ChevronLeft,
  'chevron-right': ChevronRight,
  'circle-alert': CircleAlert,
  'circle-check': CircleCheck,
  'clipboard-list': ClipboardList,
  clock: Clock,
  copy: Copy,
  download: Download,
  eye: Eye,
  'file-text': FileText,
  flask: FlaskConical,
  'heart-pulse': HeartPulse,
  house: House,
  info: Info,
  key: KeyRound,
  'list-checks': ListChecks,
  lock: Lock,
  'log-out': LogOut,
  menu: Menu,
  devices: MonitorSmartphone,
  'notebook-pen': NotebookPen,
  phone: Phone,
  pill: Pill,
  printer: Printer,
  receipt: Receipt,
  search: Search,
  'shield-check': ShieldCheck,
  syringe: Syringe,
  'triangle-alert': TriangleAlert,
  'user-plus': UserPlus,
  users: Users,
} as const

export type IconName = keyof typeof icons

/**
 * A decorative line icon. It says nothing on its own: words stand beside it, so it is hidden from screen readers. `size` is in CSS pixels.
 * Not for components that run in the browser: every drawing would be sent along (see Drawing).
 */
export function Icon({
  name,
  size = 20,
  className,
}: {
  name: IconName
  size?: number
  className?: string | undefined
}) {
  return <Drawing of={icons[name]} size={size} className={className} />
}
