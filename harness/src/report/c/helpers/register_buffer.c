static int register_buffer(struct buffer **name, char *place)
{
	struct buffer *old = *name, *buffer = calloc(1, sizeof(*buffer));
	struct iovec byte = { place, 1 };
	int error;

	if (buffer == NULL)
		cannot_tell("calloc");
	buffer->place = place;
	buffer->ring = syscall(SYS_io_uring_setup, 1, &buffer->offsets);
	if (buffer->ring == -1)
		cannot_tell("io_uring_setup, which needs kernel.io_uring_disabled=0");
	buffer->queues = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->ring,
			      IORING_OFF_SQ_RING);
	buffer->entry = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->ring,
			     IORING_OFF_SQES);
	if (buffer->queues == MAP_FAILED || buffer->entry == MAP_FAILED)
		cannot_tell("mmap");
	if (syscall(SYS_io_uring_register, buffer->ring, IORING_REGISTER_BUFFERS, &byte, 1) == -1) {
		error = errno;
		unregister_buffer(&buffer);
		errno = error;
		return -1;
	}
	*name = buffer;
	return old == NULL ? 0 : unregister_buffer(&old);
}
