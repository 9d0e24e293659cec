"""A disk under SQLite that can be watched, and that can be full: a VFS around the system's own, without root.

It is registered with the very library that Python's ``sqlite3`` uses, so that the product's code runs as it is.
Calls go on to the system's VFS; writes, truncations, fsyncs, and the making and deleting of files are noted in
order. A fsync of a new journal or write-ahead log also syncs its folder: SQLite's own VFS does so for such files.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any, NamedTuple

_OK, _FULL = 0, 13
_CREATE = 0x4
_SYNCS_FOLDER = 0x800 | 0x4000 | 0x80000  # main journal, super-journal, write-ahead log

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


_EVER: list[Disk] = []
"""A connection left open is closed by the collector, through its disk: none goes away before the process."""


class _Vfs(Structure):
    """`struct sqlite3_vfs`: what is not looked into here is a pointer."""

    _fields_ = (
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p), ("zName", c_char_p),
        ("pAppData", c_void_p), ("xOpen", c_void_p), ("xDelete", c_void_p),
        *((f"rest{at}", c_void_p) for at in range(14)),
    )  # fmt: skip


class _Methods(Structure):
    """`struct sqlite3_io_methods`."""

    _fields_ = (
        ("iVersion", c_int), ("xClose", c_void_p), ("xRead", c_void_p), ("xWrite", c_void_p),
        ("xTruncate", c_void_p), ("xSync", c_void_p), *((f"rest{at}", c_void_p) for at in range(13)),
    )  # fmt: skip


class _File(Structure):
    """`struct sqlite3_file`."""

    _fields_ = (("pMethods", c_void_p),)


class Done(NamedTuple):
    """One thing that was done: write, truncate, sync, make, delete, folder (synced), or mark."""

    what: str
    path: str = ""
    at: int = 0
    data: bytes = b""
    mark: Any = None


class Disk:
    """What was done to the files of a process, in order; and whether there is any room."""

    def __init__(self) -> None:
        self.done: list[Done] = []
        self.full = False
        self._library = ctypes.CDLL(_sqlite3.__file__)
        self._library.sqlite3_vfs_find.restype = c_void_p
        self._library.sqlite3_vfs_find.argtypes = (c_char_p,)
        self._library.sqlite3_vfs_register.argtypes = (c_void_p, c_int)
        self._library.sqlite3_vfs_unregister.argtypes = (c_void_p,)
        self._system = self._library.sqlite3_vfs_find(None)
        system = _Vfs.from_address(self._system)
        self._open, self._delete = _Open(system.xOpen), _Delete(system.xDelete)
        self._vfs = _Vfs.from_buffer_copy(system)
        self._vfs.zName, self._vfs.pNext = b"watched", None
        self._paths: dict[int, str] = {}
        self._new: set[int] = set()
        self._methods: dict[int, _Methods] = {}
        self._kept: list[Any] = []  # what C holds pointers to must not go away
        self._vfs.xOpen = self._pointer(_Open(self._opened))
        self._vfs.xDelete = self._pointer(_Delete(self._deleted))

    def mark(self, mark: object) -> None:
        """Note what has been promised by now."""
        self.done.append(Done("mark", mark=mark))

    def register(self) -> None:
        """Every database that is opened from now on lies on this disk."""
        assert self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1) == _OK

    def unregister(self) -> None:
        """The system's own disk again."""
        assert self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs)) == _OK
        assert self._library.sqlite3_vfs_register(self._system, 1) == _OK

    def _pointer(self, function: Any) -> int:
        self._kept.append(function)
        return ctypes.cast(function, c_void_p).value or 0

    def _opened(self, _vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        makes = bool(path) and bool(flags & _CREATE) and not Path(path).exists()
        if makes and self.full:
            return _FULL
        code: int = self._open(self._system, name, file, flags, out)
        if code == _OK and path:
            if makes:
                self.done.append(Done("make", path))
            (self._new.add if flags & _CREATE and flags & _SYNCS_FOLDER else self._new.discard)(file)
            self._paths[file] = path
            opened = _File.from_address(file)
            opened.pMethods = ctypes.addressof(self._watched(opened.pMethods))
        return code

    def _watched(self, methods: int) -> _Methods:
        """The methods of a kind of file, with those that change it watched."""
        if methods not in self._methods:
            theirs = _Methods.from_address(methods)
            ours = self._methods[methods] = _Methods.from_buffer_copy(theirs)
            ours.xWrite = self._pointer(_Write(self._writing(_Write(theirs.xWrite))))
            ours.xTruncate = self._pointer(_Truncate(self._truncating(_Truncate(theirs.xTruncate))))
            ours.xSync = self._pointer(_Sync(self._syncing(_Sync(theirs.xSync))))
        return self._methods[methods]

    def _writing(self, theirs: Callable[..., int]) -> Callable[..., int]:
        def write(file: int, data: int, size: int, at: int) -> int:
            if self.full:
                return _FULL
            self.done.append(Done("write", self._paths[file], at, ctypes.string_at(data, size)))
            return theirs(file, data, size, at)

        return write

    def _truncating(self, theirs: Callable[..., int]) -> Callable[..., int]:
        def truncate(file: int, size: int) -> int:
            self.done.append(Done("truncate", self._paths[file], size))
            return theirs(file, size)

        return truncate

    def _syncing(self, theirs: Callable[..., int]) -> Callable[..., int]:
        def sync(file: int, flags: int) -> int:
            code = theirs(file, flags)
            self.done.append(Done("sync", self._paths[file]))
            if file in self._new:
                self._new.discard(file)
                self.done.append(Done("folder"))
            return code

        return sync

    def _deleted(self, _vfs: int, name: bytes, folder: int) -> int:
        code: int = self._delete(self._system, name, folder)
        if code == _OK:
            self.done.append(Done("delete", name.decode()))
            if folder:
                self.done.append(Done("folder"))
        return code


@contextmanager
def watched() -> Iterator[Disk]:
    """A disk under whatever is opened meanwhile."""
    disk = Disk()
    _EVER.append(disk)
    disk.register()
    try:
        yield disk
    finally:
        disk.unregister()
