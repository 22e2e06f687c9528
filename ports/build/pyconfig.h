/* What CPython's headers ask of the target, in place of the pyconfig.h of the Python that builds.

   Python's headers are the same for every machine; only pyconfig.h is not, and the one at hand is of the machine that
   builds. Forced in by `-include`, this one takes its place (the guard is CPython's own) and asks the cross compiler
   itself. The limited API reads no more of it than this; tests/unit/test_wheels_build.py holds it against the sizes
   that each compiler has. */
#ifndef Py_PYCONFIG_H
#define Py_PYCONFIG_H

#define _GNU_SOURCE 1

#define SIZEOF_SHORT __SIZEOF_SHORT__
#define SIZEOF_INT __SIZEOF_INT__
#define SIZEOF_LONG __SIZEOF_LONG__
#define SIZEOF_LONG_LONG __SIZEOF_LONG_LONG__
#define SIZEOF_SIZE_T __SIZEOF_SIZE_T__
#define SIZEOF_VOID_P __SIZEOF_POINTER__
#define SIZEOF_WCHAR_T __SIZEOF_WCHAR_T__
#define SIZEOF_PID_T __SIZEOF_INT__ /* Linux: pid_t is int everywhere */
#define ALIGNOF_SIZE_T __SIZEOF_SIZE_T__

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WORDS_BIGENDIAN 1
#endif

#define HAVE_LONG_LONG 1
#define HAVE_SSIZE_T 1
#define HAVE_STDDEF_H 1
#define HAVE_STDINT_H 1
#define HAVE_SYS_SELECT_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_UNISTD_H 1

#endif
