static void store(char *at, unsigned char value)
{
	*(volatile unsigned char *)at = value;
}
