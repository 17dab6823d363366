import Activity from 'lucide-react/icons/activity'
import ArrowDown from 'lucide-react/icons/arrow-down'
import ArrowUp from 'lucide-react/icons/arrow-up'
import Bell from 'lucide-react/icons/bell'
import Calendar from 'lucide-react/icons/calendar'
import Check from 'lucide-react/icons/check'
import ChevronLeft from 'lucide-react/icons/chevron-left'
import ChevronRight from 'lucide-react/icons/chevron-right'
import CircleAlert from 'lucide-react/icons/circle-alert'
import CircleCheck from 'lucide-react/icons/circle-check'
import ClipboardList from 'lucide-react/icons/clipboard-list'
import Clock from 'lucide-react/icons/clock'
import Copy from 'lucide-react/icons/copy'
import Download from 'lucide-react/icons/download'
import Eye from 'lucide-react/icons/eye'
import FileText from 'lucide-react/icons/file-text'
import FlaskConical from 'lucide-react/icons/flask-conical'
import HeartPulse from 'lucide-react/icons/heart-pulse'
import House from 'lucide-react/icons/house'
import Info from 'lucide-react/icons/info'
import KeyRound from 'lucide-react/icons/key-round'
import ListChecks from 'lucide-react/icons/list-checks'
import Lock from 'lucide-react/icons/lock'
import LogOut from 'lucide-react/icons/log-out'
import Menu from 'lucide-react/icons/menu'
import MonitorSmartphone from 'lucide-react/icons/monitor-smartphone'
import NotebookPen from 'lucide-react/icons/notebook-pen'
import Phone from 'lucide-react/icons/phone'
import Pill from 'lucide-react/icons/pill'
import Printer from 'lucide-react/icons/printer'
import Receipt from 'lucide-react/icons/receipt'
import Search from 'lucide-react/icons/search'
import ShieldCheck from 'lucide-react/icons/shield-check'
import Syringe from 'lucide-react/icons/syringe'
import TriangleAlert from 'lucide-react/icons/triangle-alert'
import UserPlus from 'lucide-react/icons/user-plus'
import Users from 'lucide-react/icons/users'
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
