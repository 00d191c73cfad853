/** The line icons the console uses, taken one by one: what is not named here is not shipped. */

import {
  Activity, ArrowRight, Ban, CalendarDays, ChartColumn, Check, ChevronRight, Circle, CircleAlert, CircleCheck, CircleDashed,
  CircleX, ClipboardList, CloudOff, Clock, Copy, Database, Download, Eye, FileSpreadsheet, Hand, Inbox, KeyRound, Languages,
  LayoutGrid, List, Lock, LogOut, MessageSquare, Moon, Pause, Pencil, Play, Plus, Printer, RefreshCw, Search, SquareX, Sun,
  Table2, Ticket, Trash2, TriangleAlert, Upload, User, Users, X, type IconNode,
} from 'lucide'

export const icons = {
  activity: Activity, 'arrow-right': ArrowRight, ban: Ban, calendar: CalendarDays, chart: ChartColumn, check: Check,
  chevron: ChevronRight, circle: Circle, 'circle-alert': CircleAlert, 'circle-check': CircleCheck, 'circle-dashed': CircleDashed,
  'circle-x': CircleX, clipboard: ClipboardList, 'cloud-off': CloudOff, clock: Clock, copy: Copy, database: Database,
  download: Download, eye: Eye, sheet: FileSpreadsheet, hand: Hand, inbox: Inbox, key: KeyRound, languages: Languages,
  grid: LayoutGrid, list: List, lock: Lock, 'log-out': LogOut, message: MessageSquare, moon: Moon, pause: Pause, pencil: Pencil,
  play: Play, plus: Plus, printer: Printer, refresh: RefreshCw, search: Search, 'square-x': SquareX, sun: Sun, table: Table2,
  ticket: Ticket, trash: Trash2, triangle: TriangleAlert, upload: Upload, user: User, users: Users, x: X,
} satisfies Record<string, IconNode>

export type IconName = keyof typeof icons
