/* Begins a copy; it waits, and the page is pinned, when its own memory is found to be missing. */
static int pin_by_copy(struct copy **name, pid_t process, char *place, int writes)
{
	struct copy *copy = calloc(1, sizeof(*copy));
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct pollfd missed = { .events = POLLIN };
	int error;

	if (copy == NULL)
		cannot_tell("calloc");
	copy->process = process;
	copy->place = place;
	copy->writes = writes;
	copy->own = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	copy->faults = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	missing.range = (struct uffdio_range){ (uintptr_t)copy->own, page };
	if (copy->own == MAP_FAILED || copy->faults == -1 ||
	    ioctl(copy->faults, UFFDIO_API, &api) == -1 ||
	    ioctl(copy->faults, UFFDIO_REGISTER, &missing) == -1)
		cannot_tell("userfaultfd, which needs root or vm.unprivileged_userfaultfd=1");
	errno = pthread_create(&copy->thread, NULL, run_copy, copy);
	if (errno != 0)
		cannot_tell("pthread_create");
	missed.fd = copy->faults;
	while (!copy->has_ended && poll(&missed, 1, 1) == 0)
		;
	if (copy->has_ended) {
		pthread_join(copy->thread, NULL);
		error = copy->error;
		end_copy(copy);
		errno = error;
		if (error == EPERM || error == ENOSYS)
			cannot_tell("process_vm_readv");
		return -1;
	}
	if (*name != NULL)
		cancel_copy(name);
	*name = copy;
	return 0;
}
