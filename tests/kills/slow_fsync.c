/* A disk that takes its time, for a process that is started with this in LD_PRELOAD: while the file named by
   SLOW_FSYNC exists, every fsync and fdatasync takes SLOW_FSYNC_MS milliseconds longer. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void)
{
    const char *file = getenv("SLOW_FSYNC"), *ms = getenv("SLOW_FSYNC_MS");
    if (file == NULL || ms == NULL || access(file, F_OK) != 0)
        return;
    long time = strtol(ms, NULL, 10);
    struct timespec left = { time / 1000, time % 1000 * 1000000L };
    while (nanosleep(&left, &left) != 0)
        ;
}

int fsync(int fd)
{
    wait_for_the_disk();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    wait_for_the_disk();
    return (int)syscall(SYS_fdatasync, fd);
}
