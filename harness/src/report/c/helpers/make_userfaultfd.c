/* Without privilege it is for accesses of the processor only, which all of this program are. */
static int make_userfaultfd(int *name, int flags, uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int new = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | flags), error;

	if (new == -1 && errno == EPERM)
		new = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY | flags);
	if (new == -1 && errno == EPERM)
		cannot_tell("userfaultfd, which needs root or Linux 5.11");
	if (new == -1)
		return -1;
	if (ioctl(new, UFFDIO_API, &api) == -1) {
		error = errno;
		close(new);
		errno = error;
		if (error == EPERM)
			cannot_tell("a feature of userfaultfd that needs root");
		return -1;
	}
	if (*name != -1)
		close(*name);
	*name = new;
	return 0;
}
