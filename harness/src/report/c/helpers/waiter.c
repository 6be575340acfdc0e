/* An access or a fork that may have to wait for the handler of a userfaultfd: a thread does it. */
static struct {
	void (*run)(void);
	pthread_t thread;
	_Atomic int id;
	_Atomic int has_ended;
	int result;
	int error;
} waiter;

static void *run_waiter(void *unused)
{
	waiter.id = syscall(SYS_gettid);
	waiter.run();
	waiter.error = errno;
	waiter.has_ended = 1;
	return unused;
}

/* Whether it waits in the kernel; returns when it does, or has ended. */
static int still_waits(void)
{
	char path[64], function[64];

	for (int tries = 0; !waiter.has_ended; tries++) {
		ssize_t length = 0;
		int file;

		snprintf(path, sizeof(path), "/proc/self/task/%d/wchan", waiter.id);
		file = open(path, O_RDONLY | O_CLOEXEC);
		if (file != -1) {
			length = read(file, function, sizeof(function) - 1);
			close(file);
		}
		function[length > 0 ? length : 0] = '\0';
		if (strstr(function, "userfault") != NULL)
			return 1;
		if (tries == 5000) {
			errno = ETIMEDOUT;
			cannot_tell("who waits for a userfaultfd, which /proc/self/task/TID/wchan says");
		}
		usleep(tries < 100 ? 0 : 1000);
	}
	return 0;
}
